import type { ModelDefinition } from "../definitions.ts";

export const lx24: ModelDefinition = {
  code: "LX24",
  name: "LX24",
  description: "24-foot bowrider for the family and the wake",
  updatedAt: "2025-09-02T07:30:00.000Z",
  trims: [
    {
      code: "LX24-BASE",
      name: "Base",
      description: "Everything for a day on the water",
    },
    {
      code: "LX24-SPORT",
      name: "Sport",
      description: "Wake tower, stiffer stringers and a sport prop",
    },
    {
      code: "LX24-LUXURY",
      name: "Luxury",
      description: "Upgraded upholstery, teak decking and quiet hatches",
    },
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
            ["V6-250", "250 hp V6 sterndrive", "LX24-ENGINE-V6-250"],
            ["V8-350", "350 hp V8 sterndrive", "LX24-ENGINE-V8-350"],
          ],
        },
        {
          code: "PROPELLER",
          name: "Propeller",
          options: [
            ["ALU-3", "Three-blade aluminium propeller", "LX24-PROPELLER-ALU-3"],
            ["STEEL-4", "Four-blade stainless propeller", "LX24-PROPELLER-STEEL-4"],
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
            ["STANDARD", "Four 6.5-inch coaxial speakers", "LX24-SPEAKERS-STANDARD"],
            ["PREMIUM", "Six 7.7-inch premium speakers", "LX24-SPEAKERS-PREMIUM"],
          ],
        },
        {
          code: "SUBWOOFER",
          name: "Subwoofer",
          options: [
            ["NONE", "Subwoofer prewire", "LX24-SUBWOOFER-NONE"],
            ["PREMIUM", "10-inch premium subwoofer", "LX24-SUBWOOFER-PREMIUM"],
          ],
        },
      ],
    },
  ],
  requires: [["AUDIO/SUBWOOFER/PREMIUM", "AUDIO/SPEAKERS/PREMIUM"]],
};
