/** A body that is made as fast as it is read, and no faster. @module */

/** @param make given a signal that is aborted when the reader has gone */
export function streamOf(
  make: (signal: AbortSignal) => AsyncGenerator<string, void, undefined>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const text = make(gone.signal);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        // What is empty would not count as an answer to the pull.
        for (;;) {
          const { value, done } = await text.next();
          if (gone.signal.aborted) return;
          if (done) return controller.close();
          if (value !== '') return controller.enqueue(encoder.encode(value));
        }
      },
      cancel: () => gone.abort(),
    },
    // Nothing is made before somebody reads it.
    { highWaterMark: 0 },
  );
}
