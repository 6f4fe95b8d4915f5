import type { Leftovers } from "../../../products/operations/ports.ts";
import {
  addressOf,
  type ConfigurationComponent,
  type ConfigurationOption,
  type ConfigurationSection,
  type ModelConfiguration,
  type OptionRule,
  type Rejection,
} from "../../../products/domain/configuration.ts";
import type { Steps } from "../../../../../lib/in-steps.ts";
import { CONTRACT_FIELDS } from "./contract-fields.ts";
import { inOrder, OPTION_LEVEL, readPart, type Ordered } from "./part-payload.ts";
import { openEnvelope } from "./payload.ts";
import { digitsOf, distinct, ID_MAX, NAME_MAX, Reader } from "./reader.ts";

/** A model's configuration as parsed from the PLM's envelope. */
export interface ConfigurationPayload extends Leftovers {
  configuration: ModelConfiguration;
  schemaVersion: string;
}

/** Our ids are not the PLM's to know. */
const UNNAMED = "";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the body of `GET /plm/models/:id/config`, active options only. A section, component or option that comes twice
 * and contradicts itself is left out, and the configuration says so in `rejected`.
 *
 * @param trimCodes codes of the model's trims by the PLM's ids
 * @throws PlmFailure MALFORMED naming the place of the first value that is wrong, or of a rule or a section about an
 *   option or a trim that is unknown
 */
export function* parseConfiguration(
  body: unknown,
  trimCodes: ReadonlyMap<string, string>,
): Steps<ConfigurationPayload> {
  const reading = new ConfigurationReading(trimCodes);
  return yield* reading.read(body);
}

interface Placed {
  address: string;
  trimCode: string | null;
}

class ConfigurationReading {
  readonly #reader = new Reader();
  readonly #trimCodes: ReadonlyMap<string, string>;
  /** Every place of an option by the PLM's id of it, inactive ones too. */
  readonly #places = new Map<string, Placed[]>();
  readonly #contradictions: Rejection[] = [];

  constructor(trimCodes: ReadonlyMap<string, string>) {
    this.#trimCodes = trimCodes;
  }

  *read(body: unknown): Steps<ConfigurationPayload> {
    const reader = this.#reader;
    const { schemaVersion, data } = openEnvelope(reader, body);
    reader.enter("data");
    const fields = reader.object(data, CONTRACT_FIELDS.Configuration);
    const sections = yield* this.#sections(reader.list(fields, "sections"));
    const rules = yield* this.#rules(reader.list(fields, "rules", []));
    const rejected = this.#contradictions;
    return {
      schemaVersion,
      configuration: { sections, rules, ...(rejected.length > 0 && { rejected }) },
      ...reader.leftovers(),
    };
  }

  *#sections(items: readonly unknown[]): Steps<ConfigurationSection[]> {
    const reader = this.#reader;
    const sections: Ordered<ConfigurationSection>[] = [];
    reader.enter("sections");
    const repeated = this.#repeated(items, "a section", (fields) =>
      JSON.stringify([digitsOf(fields["code"]), digitsOf(fields["trimId"] ?? null)]),
    );
    for (const [index, item] of items.entries()) {
      if (repeated.has(index)) continue;
      reader.enter(index);
      const fields = reader.object(item, CONTRACT_FIELDS.Section);
      const place = { code: reader.text(fields, "code"), trimCode: this.#trimCode(fields) };
      const section = {
        ...place,
        name: reader.text(fields, "name", NAME_MAX).trim(),
        isRequired: reader.flag(fields, "required", true),
        components: yield* this.#components(reader.list(fields, "components"), place),
      };
      sections.push({ item: section, order: reader.order(fields) });
      reader.leave();
    }
    reader.leave();
    return inOrder(sections);
  }

  *#components(
    items: readonly unknown[],
    section: Pick<ConfigurationSection, "code" | "trimCode">,
  ): Steps<ConfigurationComponent[]> {
    const reader = this.#reader;
    const components: Ordered<ConfigurationComponent>[] = [];
    reader.enter("components");
    const repeated = this.#repeated(items, "a component", (fields) =>
      JSON.stringify(digitsOf(fields["code"])),
    );
    for (const [index, item] of items.entries()) {
      if (repeated.has(index)) continue;
      reader.enter(index);
      const fields = reader.object(item, CONTRACT_FIELDS.Component);
      const code = reader.text(fields, "code");
      const allowsMultiple = reader.flag(fields, "allowMultiple", false);
      const options = yield* this.#options(reader.list(fields, "options"), { section, code });
      if (!allowsMultiple && options.filter(({ isDefault }) => isDefault).length > 1)
        throw reader.refused("two options are the default of a component that takes one", "options");
      const component = {
        code,
        name: reader.text(fields, "name", NAME_MAX).trim(),
        isRequired: reader.flag(fields, "required", true),
        allowsMultiple,
        options,
      };
      components.push({ item: component, order: reader.order(fields) });
      reader.leave();
      yield;
    }
    reader.leave();
    return inOrder(components);
  }

  *#options(
    items: readonly unknown[],
    { section, code }: { section: Pick<ConfigurationSection, "code" | "trimCode">; code: string },
  ): Steps<ConfigurationOption[]> {
    const reader = this.#reader;
    const options: Ordered<ConfigurationOption>[] = [];
    reader.enter("options");
    const repeated = this.#repeated(items, "an option", (fields) => JSON.stringify(digitsOf(fields["code"])));
    for (const [index, item] of items.entries()) {
      if (repeated.has(index)) continue;
      reader.enter(index);
      const fields = reader.object(item, CONTRACT_FIELDS.Option);
      const part = yield* readPart(reader, fields, OPTION_LEVEL);
      const plmId = reader.text(fields, "id", ID_MAX);
      const address = addressOf(section, { code }, part);
      const places = this.#places.get(plmId);
      if (places) places.push({ address, trimCode: section.trimCode });
      else this.#places.set(plmId, [{ address, trimCode: section.trimCode }]);
      const flags = {
        isDefault: reader.flag(fields, "default", false),
        isRequired: reader.flag(fields, "required", false),
      };
      if (reader.flag(fields, "active", true))
        options.push({ item: { id: UNNAMED, plmId, ...part, ...flags }, order: reader.order(fields) });
      reader.leave();
      yield;
    }
    reader.leave();
    return inOrder(options);
  }

  *#rules(items: readonly unknown[]): Steps<OptionRule[]> {
    const reader = this.#reader;
    const rules: OptionRule[] = [];
    reader.enter("rules");
    for (const [index, item] of items.entries()) {
      reader.enter(index);
      const fields = reader.object(item, CONTRACT_FIELDS.Rule);
      const kind = reader.choice(fields, "type", ["REQUIRES", "EXCLUDES"]);
      const options = this.#placesOf(fields, "optionId");
      const targets = this.#targetsOf(fields);
      // An option that is in several places has the rule in each of them.
      for (const { address, trimCode } of options)
        rules.push({ kind, option: address, targets: targetsFor(trimCode, targets) });
      reader.leave();
      yield;
    }
    reader.leave();
    return rules;
  }

  /** Places of the one option that a rule names, or of several: of those, one is enough. */
  #targetsOf(fields: Fields): readonly Placed[] {
    const reader = this.#reader;
    const { targetOptionId, targetOptionIds } = fields;
    const optionId = digitsOf(fields["optionId"]);
    if (targetOptionIds === undefined || targetOptionIds === null) {
      if (optionId === digitsOf(targetOptionId)) throw reader.wrong("another option", "targetOptionId");
      return this.#placesOf(fields, "targetOptionId");
    }
    if (targetOptionId !== undefined && targetOptionId !== null)
      throw reader.refused("a rule has targetOptionId or targetOptionIds", "targetOptionId");
    const ids = reader.list(fields, "targetOptionIds");
    if (ids.length === 0 || ids.some((id) => digitsOf(id) === optionId))
      throw reader.wrong("other options", "targetOptionIds");
    return reader.at("targetOptionIds", () => ids.flatMap((_id, index) => this.#placesOf(ids, index)));
  }

  #placesOf(fields: Fields | readonly unknown[], name: string | number): readonly Placed[] {
    const places = this.#places.get(this.#reader.text(fields, name, ID_MAX));
    if (!places) throw this.#reader.refused("nobody knows this option", name);
    return places;
  }

  #trimCode(fields: Fields): string | null {
    const { trimId } = fields;
    if (trimId === null || trimId === undefined) return null;
    const code = this.#trimCodes.get(this.#reader.text(fields, "trimId", ID_MAX));
    if (code === undefined) throw this.#reader.refused("nobody knows this trim", "trimId");
    return code;
  }

  #repeated(items: readonly unknown[], what: string, keyOf: (fields: Fields) => string): ReadonlySet<number> {
    return distinct(this.#reader, items, {
      keyOf: (item) => (typeof item === "object" && item !== null ? keyOf(item as Fields) : undefined),
      what,
      onContradiction: (index) =>
        this.#contradictions.push(
          this.#reader.reject(`${what} comes twice with other words; the first one stays`, index),
        ),
    });
  }
}

/** Where a target can be had together with an option: in its own trim or the whole model, if it is there at all. */
function targetsFor(trimCode: string | null, targets: readonly Placed[]): string[] {
  const near = targets.filter((target) => target.trimCode === null || target.trimCode === trimCode);
  const reachable = trimCode === null || near.length === 0 ? targets : near;
  return reachable.map(({ address }) => address);
}
