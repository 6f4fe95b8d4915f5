import type { ModelDefinition } from "./definition.ts";

export const lx24: ModelDefinition = {
  code: "LX24",
  name: "LX24",
  description: "24-foot bowrider for the family and the wake",
  trims: [
    { suffix: "BASE", name: "Base", description: "Everything for a day on the water" },
    { suffix: "SPORT", name: "Sport", description: "Wake tower, stiffer stringers and a sport prop" },
    { suffix: "LUXURY", name: "Luxury", description: "Upgraded upholstery, teak decking and quiet hatches" },
  ],
  sections: [
    {
      code: "POWERTRAIN",
      name: "Powertrain",
      components: [
        {
          code: "ENGINE",
          name: "Engine",
          options: [
            ["V6-250", "250 hp V6 sterndrive"],
            ["V8-350", "350 hp V8 sterndrive"],
          ],
        },
        {
          code: "PROPELLER",
          name: "Propeller",
          options: [
            ["ALU-3", "Three-blade aluminium propeller"],
            ["STEEL-4", "Four-blade stainless propeller"],
          ],
        },
      ],
    },
    {
      code: "AUDIO",
      name: "Audio",
      isOptional: true,
      components: [
        {
          code: "SPEAKERS",
          name: "Speakers",
          options: [
            ["STANDARD", "Four 6.5-inch coaxial speakers"],
            ["PREMIUM", "Six 7.7-inch premium speakers"],
          ],
        },
        {
          code: "SUBWOOFER",
          name: "Subwoofer",
          options: [
            ["NONE", "Subwoofer prewire"],
            ["PREMIUM", "10-inch premium subwoofer"],
          ],
        },
      ],
    },
  ],
  requires: [["AUDIO/SUBWOOFER/PREMIUM", "AUDIO/SPEAKERS/PREMIUM"]],
};
