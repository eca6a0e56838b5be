/** Server-sent events, as far as nimbus sends them: an event and one line of data. @module */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** @param text in parts of any length */
export async function* eventsIn(
  text: AsyncIterable<string>,
): AsyncGenerator<ServerEvent, void, undefined> {
  let left = '';
  for await (const part of text) {
    const blocks = (left + part).split('\n\n');
    left = blocks.pop()!;
    for (const block of blocks) {
      const event = field(block, 'event');
      if (event !== undefined) yield { event, data: field(block, 'data') ?? '' };
    }
  }
}

function field(block: string, name: string): string | undefined {
  const line = block.split('\n').find((each) => each.startsWith(`${name}: `));
  return line?.slice(name.length + 2);
}
