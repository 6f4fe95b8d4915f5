import type { ModelDefinition } from "../definitions.ts";

export const lx21: ModelDefinition = {
  code: "LX21",
  name: "LX21",
  description: "21-foot fishing boat with a flat casting deck",
  updatedAt: "2025-07-08T09:20:00.000Z",
  trims: [
    {
      code: "LX21-BASE",
      name: "Base",
      description: "Casting deck, rod lockers and a trailer",
    },
    {
      code: "LX21-ANGLER-PRO",
      name: "Angler Pro",
      description: "Tournament electronics and a second console",
    },
  ],
  sections: [
    {
      code: "FISHING",
      name: "Fishing",
      components: [
        {
          code: "LIVEWELL",
          name: "Livewell",
          options: [
            ["SINGLE-70", "70-litre aerated livewell", "LX21-LIVEWELL-SINGLE-70"],
            ["TWIN-110", "110-litre twin livewell", "LX21-LIVEWELL-TWIN-110"],
          ],
        },
        {
          code: "TROLLING_MOTOR",
          name: "Trolling motor",
          options: [
            ["CABLE-80", "80 lb cable-steer trolling motor", "LX21-TROLLING-MOTOR-CABLE-80"],
            ["GHOST", "Ghost electric-steer trolling motor", "LX21-TROLLING-MOTOR-GHOST"],
          ],
        },
      ],
    },
    {
      code: "ELECTRONICS",
      name: "Electronics",
      trim: "LX21-ANGLER-PRO",
      components: [
        {
          code: "FISHFINDER",
          name: "Fishfinder",
          options: [
            ["SONAR-7", "7-inch sonar display", "LX21-FISHFINDER-SONAR-7"],
            ["SOLIX-12", "Solix 12-inch networked electronics", "LX21-FISHFINDER-SOLIX-12"],
          ],
        },
        {
          code: "ANCHOR",
          name: "Shallow-water anchor",
          options: [
            ["MANUAL", "Manual shallow-water anchor", "LX21-ANCHOR-MANUAL"],
            ["REMOTE", "Remote-controlled shallow-water anchor", "LX21-ANCHOR-REMOTE"],
          ],
        },
      ],
    },
  ],
  requires: [["ELECTRONICS/FISHFINDER/SOLIX-12", "FISHING/TROLLING_MOTOR/GHOST"]],
};
