import { Fragment, type ReactNode } from "react";
import { Ago } from "../ui/moment.tsx";
import { TableHead } from "../ui/table-head.tsx";

interface FiguresTableProps<T> {
  rows: readonly T[];
  keyOf: (row: T, place: number) => string;
  /** What the rows are, and how each is called. */
  title: readonly [name: string, value: (row: T) => ReactNode];
  figures: readonly (readonly [name: string, value: (row: T) => string])[];
  /** The last column: how long ago something was. */
  moment: readonly [name: string, at: (row: T) => string];
  /** What a row has opened below it. */
  opened?: (row: T) => ReactNode;
}

/** Rows with a name, some figures and a moment; on a phone each is a card. */
export function FiguresTable<T>({ rows, keyOf, title, figures, moment, opened }: FiguresTableProps<T>) {
  const right = (name: string) => [name, "right"] as const;
  return (
    <table className="cards">
      <TableHead columns={[title[0], ...figures.map(([name]) => right(name)), right(moment[0])]} />
      <tbody>
        {rows.map((row, place) => {
          const below = opened?.(row);
          return (
            <Fragment key={keyOf(row, place)}>
              <tr>
                <th scope="row">{title[1](row)}</th>
                {figures.map(([name, value]) => (
                  <td key={name} data-label={name} className="number right">
                    {value(row)}
                  </td>
                ))}
                <td data-label={moment[0]} className="right soft">
                  <Ago at={moment[1](row)} />
                </td>
              </tr>
              {below && (
                <tr>
                  <td colSpan={figures.length + 2}>{below}</td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
