/** The name of a column, or with what the column looks like; no name over names of rows. */
type Column = string | readonly [name: string, className: string];

export const TableHead = ({ columns }: { columns: readonly Column[] }) => (
  <thead>
    <tr>
      {columns.map((column) => {
        const [name, className] = typeof column === "string" ? [column, undefined] : column;
        if (name === "") return <td key={name} />;
        return (
          <th key={name} scope="col" className={className}>
            {name}
          </th>
        );
      })}
    </tr>
  </thead>
);
