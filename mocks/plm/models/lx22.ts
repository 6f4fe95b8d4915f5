import type { ModelDefinition } from "../definitions.ts";

export const lx22: ModelDefinition = {
  code: "LX22",
  name: "LX22",
  description: "22-foot crossover for day trips",
  updatedAt: "2025-08-19T15:45:00.000Z",
  trims: [
    {
      code: "LX22-BASE",
      name: "Base",
      description: "The open deck and the essentials",
    },
    {
      code: "LX22-SPORT",
      name: "Sport",
      description: "Tow tower and a taller windscreen",
    },
    {
      code: "LX22-LUXURY",
      name: "Luxury",
      description: "Galley, soft seating and a shaded cockpit",
    },
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
            ["PYLON", "Removable tow pylon", "LX22-TOWER-PYLON"],
            ["FOLDING", "Folding aluminium tower with board racks", "LX22-TOWER-FOLDING"],
          ],
        },
        {
          code: "COOLER",
          name: "Cooler",
          options: [
            ["INSULATED-45", "45-litre insulated cooler", "LX22-COOLER-INSULATED-45"],
            ["POWERED-60", "60-litre powered cooler", "LX22-COOLER-POWERED-60"],
          ],
        },
      ],
    },
    {
      code: "LUXURY",
      name: "Luxury",
      trim: "LX22-LUXURY",
      components: [
        {
          code: "GALLEY",
          name: "Galley",
          options: [
            ["SINK", "Galley with sink", "LX22-GALLEY-SINK"],
            ["ENTERTAINER", "Entertainer galley with grill", "LX22-GALLEY-ENTERTAINER"],
          ],
        },
        {
          code: "SEATING",
          name: "Seating",
          options: [
            ["SMOOTH", "Smooth vinyl seating", "LX22-SEATING-SMOOTH"],
            ["PERFORATED", "Perforated soft-touch seating", "LX22-SEATING-PERFORATED"],
          ],
        },
      ],
    },
  ],
  requires: [["LUXURY/GALLEY/ENTERTAINER", "LUXURY/SEATING/PERFORATED"]],
};
