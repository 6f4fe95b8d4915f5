import type { ModelDefinition } from "./definition.ts";

export const lx26: ModelDefinition = {
  code: "LX26",
  name: "LX26",
  description: "26-foot flagship with room for twelve",
  trims: [
    { suffix: "BASE", name: "Base", description: "The full hull with the standard cockpit" },
    { suffix: "SPORT", name: "Sport", description: "Surf system, ballast and a forward-folding tower" },
    { suffix: "LUXURY", name: "Luxury", description: "Lit cockpit, heated lounges and a wet bar" },
    { suffix: "PREMIUM", name: "Premium", description: "Joystick docking and the large helm displays" },
  ],
  sections: [
    {
      code: "ELECTRICAL",
      name: "Electrical",
      components: [
        {
          code: "BATTERY",
          name: "House battery",
          options: [
            ["AGM-200", "200 Ah AGM battery bank"],
            ["LITHIUM-300", "300 Ah lithium battery bank"],
          ],
        },
        {
          code: "CHARGER",
          name: "Shore charger",
          options: [
            ["AMP-20", "20 A shore charger"],
            ["AMP-50", "50 A shore charger"],
          ],
        },
        {
          code: "STEREO",
          name: "Stereo",
          options: [
            ["CABIN", "Four-channel cockpit stereo"],
            ["CONCERT", "Eight-channel concert stereo"],
          ],
        },
      ],
    },
    {
      code: "PERFORMANCE",
      name: "Performance",
      components: [
        {
          code: "ENGINE",
          name: "Engine",
          options: [
            ["V8-380", "380 hp V8 sterndrive"],
            ["V8-430", "430 hp supercharged V8 sterndrive"],
          ],
        },
        {
          code: "STEERING",
          name: "Steering",
          options: [
            ["HYDRAULIC", "Hydraulic power steering"],
            ["ELECTRONIC", "Electronic power steering"],
          ],
        },
      ],
    },
    {
      code: "LUXURY_COMFORT",
      name: "Luxury comfort",
      trim: "LUXURY",
      components: [
        {
          code: "LIGHTING",
          name: "Cockpit lighting",
          options: [
            ["WHITE", "White courtesy lighting"],
            ["RGB", "RGB accent lighting"],
          ],
        },
        {
          code: "LOUNGE",
          name: "Stern lounge",
          options: [
            ["FIXED", "Fixed stern lounge"],
            ["HEATED", "Heated convertible stern lounge"],
          ],
        },
      ],
    },
  ],
  requires: [
    ["ELECTRICAL/BATTERY/LITHIUM-300", "ELECTRICAL/CHARGER/AMP-50"],
    // For every trim of the model, though only Luxury has the lighting.
    ["ELECTRICAL/STEREO/CONCERT", "LUXURY_COMFORT/LIGHTING/RGB"],
  ],
};
