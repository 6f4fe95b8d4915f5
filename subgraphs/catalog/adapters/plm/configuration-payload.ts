import { z } from "zod";
import {
  addressOf,
  type ConfigurationSection,
  type ModelConfiguration,
  type OptionRule,
} from "../../domain/configuration.ts";
import { malformed } from "./failures.ts";
import { code, envelope, name, parsePayload, shortText, uniqueCodes } from "./payload-parts.ts";

/** A model's configuration as parsed from the PLM's envelope. */
export interface ConfigurationPayload {
  configuration: ModelConfiguration;
  schemaVersion: string;
}

const sortOrder = z.number().default(0);

const optionSchema = z.object({
  id: shortText,
  code,
  name,
  partNumber: z.string().trim().min(1).max(128).nullable(),
  quantity: z.number().positive().max(1_000_000).default(1),
  default: z.boolean().default(false),
  active: z.boolean().default(true),
  sortOrder,
});

const componentSchema = z.object({
  code,
  name,
  required: z.boolean().default(true),
  allowMultiple: z.boolean().default(false),
  sortOrder,
  options: z
    .array(optionSchema)
    .refine(uniqueCodes, "two options share a code")
    .refine(
      (options) => options.filter((option) => option.default).length <= 1,
      "two options are the default",
    ),
});

const sectionSchema = z.object({
  code,
  name,
  trimId: shortText.nullable(),
  required: z.boolean().default(true),
  sortOrder,
  components: z.array(componentSchema).refine(uniqueCodes, "two components share a code"),
});

const ruleSchema = z
  .object({ type: z.enum(["REQUIRES", "EXCLUDES"]), optionId: shortText, targetOptionId: shortText })
  .refine((rule) => rule.optionId !== rule.targetOptionId, "an option has a rule about itself");

const configurationSchema = envelope(
  z.object({ sections: z.array(sectionSchema), rules: z.array(ruleSchema) }),
);

type SectionPayload = z.infer<typeof sectionSchema>;

/**
 * Reads the body of `GET /plm/models/:id/config`, active options only.
 *
 * @param trimCodes codes of the model's trims by the PLM's ids
 * @throws PlmFailure MALFORMED naming the first field that is wrong, or a rule or a trim that nobody knows
 */
export function parseConfiguration(
  body: unknown,
  trimCodes: ReadonlyMap<string, string>,
): ConfigurationPayload {
  const { schemaVersion, data } = parsePayload(configurationSchema, body);
  const addresses = new Map<string, string>();
  const sections = sorted(data.sections).map((section) => toSection(section, { trimCodes, addresses }));
  const addressById = (id: string): string => {
    const address = addresses.get(id);
    if (address === undefined) throw malformed(`data.rules: nobody knows the option ${id.slice(0, 40)}`);
    return address;
  };
  const rules: OptionRule[] = data.rules.map(({ type, optionId, targetOptionId }) => ({
    kind: type,
    option: addressById(optionId),
    target: addressById(targetOptionId),
  }));
  return { schemaVersion, configuration: { sections, rules } };
}

interface Known {
  trimCodes: ReadonlyMap<string, string>;
  /** Filled with the address of every option, inactive ones too. */
  addresses: Map<string, string>;
}

function toSection(section: SectionPayload, { trimCodes, addresses }: Known): ConfigurationSection {
  const trimCode = section.trimId === null ? null : trimCodes.get(section.trimId);
  if (trimCode === undefined) throw malformed(`data.sections: nobody knows the trim of ${section.code}`);
  const placed = { code: section.code, trimCode };
  return {
    code: section.code,
    name: section.name,
    trimCode,
    isRequired: section.required,
    components: sorted(section.components).map((component) => ({
      code: component.code,
      name: component.name,
      isRequired: component.required,
      allowsMultiple: component.allowMultiple,
      options: sorted(component.options).flatMap((option) => {
        const address = addressOf(placed, component, option);
        addresses.set(option.id, address);
        if (!option.active) return [];
        return [
          {
            id: address.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"),
            plmId: option.id,
            code: option.code,
            name: option.name,
            partNumber: option.partNumber,
            quantity: option.quantity,
            isDefault: option.default,
          },
        ];
      }),
    })),
  };
}

const sorted = <T extends { sortOrder: number }>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => a.sortOrder - b.sortOrder);
