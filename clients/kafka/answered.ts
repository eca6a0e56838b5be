/** How long a cluster may take to answer before a run starts. @module */

/** Long enough for a broker that is busy, short enough for whoever mistyped its address: what listens there may be no broker. */
const TIMEOUT_S = 10;

/** @throws Error when it has no answer within 10 s, and what it rejects with */
export async function answered<T>(asking: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    const give = (): void => reject(new Error(`no answer within ${TIMEOUT_S} s`));
    timer = setTimeout(give, TIMEOUT_S * 1000);
  });
  return Promise.race([asking, silence]).finally(() => clearTimeout(timer));
}
