/** What is wrong in a user's file, where, and how to show it. @module */

export interface Problem {
  readonly message: string;
  /** Absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units as editors count. */
  readonly column: number;
  /** That line of the file. */
  readonly sourceLine: string;
}

/**
 * A problem as text for a terminal, with its line and a caret below the column:
 *
 *     /home/me/web.ts:3:14: Expected ";" but found "x"
 *       3 | const a = 1  x
 *         |              ^
 */
export function showProblem({ message, file, line, column, sourceLine }: Problem): string {
  const gutter = ' '.repeat(String(line).length);
  // Tabs stay, so that the caret is below its character however wide they are.
  const indent = sourceLine.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${file}:${line}:${column}: ${message}\n  ${line} | ${sourceLine}\n  ${gutter} | ${indent}^`;
}
