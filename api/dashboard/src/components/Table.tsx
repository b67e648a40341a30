// A real table on wide screens, the same rows as cards under 600 px.
import type { ComponentChildren } from "preact";

export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  /** Numbers stand right. */
  number?: boolean;
  /** No header words on the card: the cell explains itself. */
  bare?: boolean;
}

interface TableProps<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
}

export function Table<T>({ caption, columns, rows, rowKey }: TableProps<T>) {
  return (
    <div class="table-area" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="hidden-words">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" class={column.number ? "number" : ""}>{column.title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} id={`row-${rowKey(row)}`}>
              {columns.map((column) => (
                <td key={column.key} class={column.number ? "number" : ""}>
                  {!column.bare && <span class="card-label">{column.title}</span>}
                  <div>{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
