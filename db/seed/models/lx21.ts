import type { ModelDefinition } from "./definition.ts";

export const lx21: ModelDefinition = {
  code: "LX21",
  name: "LX21",
  description: "21-foot fishing boat with a flat casting deck",
  trims: [
    { suffix: "BASE", name: "Base", description: "Casting deck, rod lockers and a trailer" },
    { suffix: "ANGLER-PRO", name: "Angler Pro", description: "Tournament electronics and a second console" },
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
            ["SINGLE-70", "70-litre aerated livewell"],
            ["TWIN-110", "110-litre twin livewell"],
          ],
        },
        {
          code: "TROLLING_MOTOR",
          name: "Trolling motor",
          options: [
            ["CABLE-80", "80 lb cable-steer trolling motor"],
            ["GHOST", "Ghost electric-steer trolling motor"],
          ],
        },
      ],
    },
    {
      code: "ELECTRONICS",
      name: "Electronics",
      trim: "ANGLER-PRO",
      components: [
        {
          code: "FISHFINDER",
          name: "Fishfinder",
          options: [
            ["SONAR-7", "7-inch sonar display"],
            ["SOLIX-12", "Solix 12-inch networked electronics"],
          ],
        },
        {
          code: "ANCHOR",
          name: "Shallow-water anchor",
          options: [
            ["MANUAL", "Manual shallow-water anchor"],
            ["REMOTE", "Remote-controlled shallow-water anchor"],
          ],
        },
      ],
    },
  ],
  requires: [["ELECTRONICS/FISHFINDER/SOLIX-12", "FISHING/TROLLING_MOTOR/GHOST"]],
};
