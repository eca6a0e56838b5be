/** A table of figures: the first column names the row. It scrolls by itself where it is too wide. @module */
import type { ComponentChildren } from 'preact';

interface Row {
  readonly key: string;
  readonly marked?: boolean;
  readonly cells: readonly ComponentChildren[];
}

interface TableOptions {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

export const Table = ({ label, columns, rows }: TableOptions) => (
  // It can be scrolled by the keyboard only when it can be focused.
  <div class="scroll" role="region" aria-label={label} tabIndex={0}>
    <table>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, marked, cells: [name, ...others] }) => (
          <tr key={key} class={marked === true ? 'marked' : ''}>
            <th scope="row">{name}</th>
            {others.map((cell, i) => (
              <td key={columns[i + 1]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);
