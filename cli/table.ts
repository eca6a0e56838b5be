/** Rows of text in columns. @module */

/**
 * @param head the names of the columns; those in lower case after `>` are aligned to the right, as numbers are
 * @example
 * table(['name', '>rate'], [['web', '12']]) // ['name  rate', 'web     12']
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const names = head.map((name) => name.replace(/^>/, ''));
  const all = [names, ...rows];
  const widths = names.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const cell = (text: string, i: number): string =>
    head[i]!.startsWith('>') ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  return all.map((row) => row.map(cell).join('  ').trimEnd());
}
