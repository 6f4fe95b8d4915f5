import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLType,
} from "graphql";
import { useState } from "react";
import { Field } from "../ui/field.tsx";

interface DocsProps {
  schema: GraphQLSchema;
  /** The way to the type that is shown, from the roots. */
  trail: readonly string[];
  onTrail: (trail: readonly string[]) => void;
}

/** The schema to read: the types that operations begin with, then one type after the other. */
export function Docs({ schema, trail, onTrail }: DocsProps) {
  const [sought, setSought] = useState("");
  const type = schema.getType(trail.at(-1) ?? "");
  const open = (name: string) => {
    setSought("");
    onTrail([...trail, name]);
  };
  return (
    <div className="docs">
      <Field label="Search the schema">
        <input type="search" value={sought} onChange={({ target }) => setSought(target.value)} />
      </Field>
      {trail.length > 0 && (
        <p>
          <button type="button" className="quiet" onClick={() => onTrail(trail.slice(0, -1))}>
            ‹ {trail.at(-2) ?? "All operations"}
          </button>
        </p>
      )}
      {sought.trim() !== "" && <Found schema={schema} sought={sought.trim().toLowerCase()} open={open} />}
      {sought.trim() === "" &&
        (type ? <TypeDocs type={type} schema={schema} open={open} /> : <Roots schema={schema} open={open} />)}
    </div>
  );
}

type Open = (typeName: string) => void;

function Roots({ schema, open }: { schema: GraphQLSchema; open: Open }) {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return (
    <ul>
      {roots.map(
        (root) =>
          root && (
            <li key={root.name}>
              <TypeLink type={root} open={open} />
            </li>
          ),
      )}
    </ul>
  );
}

const MOST_FOUND = 40;

function Found({ schema, sought, open }: { schema: GraphQLSchema; sought: string; open: Open }) {
  const found = Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith("__"))
    .flatMap((type) => [
      ...(type.name.toLowerCase().includes(sought) ? [{ text: type.name, type }] : []),
      ...memberNames(type)
        .filter((name) => name.toLowerCase().includes(sought))
        .map((name) => ({ text: `${type.name}.${name}`, type })),
    ]);
  if (found.length === 0) return <p className="empty">Nothing has that name.</p>;
  return (
    <>
      <ul>
        {found.slice(0, MOST_FOUND).map(({ text, type }) => (
          <li key={text}>
            <button type="button" className="quiet" onClick={() => open(type.name)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
      {found.length > MOST_FOUND && <p className="hint">{found.length - MOST_FOUND} more.</p>}
    </>
  );
}

function memberNames(type: GraphQLNamedType): string[] {
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))
    return Object.keys(type.getFields());
  return isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
}

function TypeDocs({ type, schema, open }: { type: GraphQLNamedType; schema: GraphQLSchema; open: Open }) {
  const members = membersOf(type, schema);
  return (
    <>
      <h3>{type.name}</h3>
      {type.description && <p>{type.description}</p>}
      <dl>
        {members.map(({ name, description, deprecationReason, args = [], type: of }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
              {args.length > 0 && <Arguments args={args} open={open} />}
              {of && (
                <>
                  {": "}
                  <TypeLink type={of} open={open} />
                </>
              )}
            </dt>
            {description && <dd>{description}</dd>}
            {deprecationReason && <dd className="soft">Deprecated: {deprecationReason}</dd>}
          </div>
        ))}
      </dl>
    </>
  );
}

interface Member extends Partial<Pick<GraphQLField<unknown, unknown>, "args">> {
  name: string;
  description?: string | null | undefined;
  deprecationReason?: string | null | undefined;
  type?: GraphQLType;
}

function membersOf(type: GraphQLNamedType, schema: GraphQLSchema): readonly Member[] {
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))
    return Object.values(type.getFields());
  if (isEnumType(type)) return type.getValues();
  if (isUnionType(type))
    return schema.getPossibleTypes(type).map((each) => ({ name: each.name, type: each }));
  return [];
}

const Arguments = ({ args, open }: { args: readonly GraphQLArgument[]; open: Open }) => (
  <>
    (
    {args.map((argument, index) => (
      <span key={argument.name} title={argument.description ?? undefined}>
        {index > 0 && ", "}
        {argument.name}: <TypeLink type={argument.type} open={open} />
      </span>
    ))}
    )
  </>
);

const TypeLink = ({ type, open }: { type: GraphQLType; open: Open }) => (
  <button type="button" className="quiet" onClick={() => open(getNamedType(type).name)}>
    {String(type)}
  </button>
);
