/** Reads what a run has stored. @module */
import { readFileSync } from 'node:fs';
import avro from 'avsc';

export type Stored = { readonly [field: string]: unknown };

/** The records of all Avro files among `outputs`; times in milliseconds. */
export async function avroRecords(outputs: readonly string[]): Promise<Stored[]> {
  const records: Stored[] = [];
  for (const path of outputs.filter((output) => output.endsWith('.avro'))) {
    for await (const record of avro.createFileDecoder(path))
      records.push({ ...(record as Stored) });
  }
  return records;
}

/** The ids of those records, which takes a quarter of the time. */
export async function avroIds(outputs: readonly string[]): Promise<string[]> {
  const fields = [{ name: 'id', type: 'string' }];
  const readerSchema = { type: 'record', name: 'webrequest', fields };
  const ids: string[] = [];
  for (const path of outputs.filter((output) => output.endsWith('.avro'))) {
    const decoder = avro.createFileDecoder(path, { readerSchema } as never);
    for await (const { id } of decoder) ids.push(id);
  }
  return ids;
}

export const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);

/** The counts of all JSON files among `outputs`, by `<country> <minute>`. */
export function countsIn(outputs: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { country_code, window, count } of jsonRows(outputs)) {
    const key = `${country_code} ${window}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(count));
  }
  return counts;
}

/** The rows of all JSON-lines files among `outputs`. */
export const jsonRows = (outputs: readonly string[]): Stored[] =>
  outputs
    .filter((path) => path.endsWith('.jsonl'))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as Stored);
