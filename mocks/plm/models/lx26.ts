import type { ModelDefinition } from "../definitions.ts";

export const lx26: ModelDefinition = {
  code: "LX26",
  name: "LX26",
  description: "26-foot flagship with room for twelve",
  updatedAt: "2025-10-14T12:05:00.000Z",
  trims: [
    {
      code: "LX26-BASE",
      name: "Base",
      description: "The full hull with the standard cockpit",
    },
    {
      code: "LX26-SPORT",
      name: "Sport",
      description: "Surf system, ballast and a forward-folding tower",
    },
    {
      code: "LX26-LUXURY",
      name: "Luxury",
      description: "Lit cockpit, heated lounges and a wet bar",
    },
    {
      code: "LX26-PREMIUM",
      name: "Premium",
      description: "Joystick docking and the large helm displays",
    },
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
            ["AGM-200", "200 Ah AGM battery bank", "LX26-BATTERY-AGM-200"],
            ["LITHIUM-300", "300 Ah lithium battery bank", "LX26-BATTERY-LITHIUM-300"],
          ],
        },
        {
          code: "CHARGER",
          name: "Shore charger",
          options: [
            ["AMP-20", "20 A shore charger", "LX26-CHARGER-AMP-20"],
            ["AMP-50", "50 A shore charger", "LX26-CHARGER-AMP-50"],
          ],
        },
        {
          code: "STEREO",
          name: "Stereo",
          options: [
            ["CABIN", "Four-channel cockpit stereo", "LX26-STEREO-CABIN"],
            ["CONCERT", "Eight-channel concert stereo", "LX26-STEREO-CONCERT"],
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
            ["V8-380", "380 hp V8 sterndrive", "LX26-ENGINE-V8-380"],
            ["V8-430", "430 hp supercharged V8 sterndrive", "LX26-ENGINE-V8-430"],
          ],
        },
        {
          code: "STEERING",
          name: "Steering",
          options: [
            ["HYDRAULIC", "Hydraulic power steering", "LX26-STEERING-HYDRAULIC"],
            ["ELECTRONIC", "Electronic power steering", "LX26-STEERING-ELECTRONIC"],
          ],
        },
      ],
    },
    {
      code: "LUXURY_COMFORT",
      name: "Luxury comfort",
      trim: "LX26-LUXURY",
      components: [
        {
          code: "LIGHTING",
          name: "Cockpit lighting",
          options: [
            ["WHITE", "White courtesy lighting", "LX26-LIGHTING-WHITE"],
            ["RGB", "RGB accent lighting", "LX26-LIGHTING-RGB"],
          ],
        },
        {
          code: "LOUNGE",
          name: "Stern lounge",
          options: [
            ["FIXED", "Fixed stern lounge", "LX26-LOUNGE-FIXED"],
            ["HEATED", "Heated convertible stern lounge", "LX26-LOUNGE-HEATED"],
          ],
        },
      ],
    },
  ],
  requires: [
    ["ELECTRICAL/BATTERY/LITHIUM-300", "ELECTRICAL/CHARGER/AMP-50"],
    ["ELECTRICAL/STEREO/CONCERT", "LUXURY_COMFORT/LIGHTING/RGB"],
  ],
};
