import type { ModelDefinition } from "./definition.ts";

export const lx22: ModelDefinition = {
  code: "LX22",
  name: "LX22",
  description: "22-foot crossover for day trips",
  trims: [
    { suffix: "BASE", name: "Base", description: "The open deck and the essentials" },
    { suffix: "SPORT", name: "Sport", description: "Tow tower and a taller windscreen" },
    { suffix: "LUXURY", name: "Luxury", description: "Galley, soft seating and a shaded cockpit" },
  ],
  sections: [
    {
      code: "ADVENTURE",
      name: "Adventure",
      components: [
        {
          code: "TOWER",
          name: "Tow tower",
          options: [
            ["PYLON", "Removable tow pylon"],
            ["FOLDING", "Folding aluminium tower with board racks"],
          ],
        },
        {
          code: "COOLER",
          name: "Cooler",
          options: [
            ["INSULATED-45", "45-litre insulated cooler"],
            ["POWERED-60", "60-litre powered cooler"],
          ],
        },
      ],
    },
    {
      code: "LUXURY",
      name: "Luxury",
      trim: "LUXURY",
      components: [
        {
          code: "GALLEY",
          name: "Galley",
          options: [
            ["SINK", "Galley with sink"],
            ["ENTERTAINER", "Entertainer galley with grill"],
          ],
        },
        {
          code: "SEATING",
          name: "Seating",
          options: [
            ["SMOOTH", "Smooth vinyl seating"],
            ["PERFORATED", "Perforated soft-touch seating"],
          ],
        },
      ],
    },
  ],
  requires: [["LUXURY/GALLEY/ENTERTAINER", "LUXURY/SEATING/PERFORATED"]],
};
