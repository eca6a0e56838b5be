/** What components have to say to the operator. @module */

/** The same notice from many rows and workers is said once, and no more than 1,000 are. */
export function onceEach(
  say: (component: string, message: string) => void,
): (component: string, message: string) => void {
  const said = new Set<string>();
  return (component, message) => {
    const key = `${component}\n${message}`;
    if (said.has(key) || said.size >= NOTICES_MAX) return;
    said.add(key);
    say(component, message);
  };
}

const NOTICES_MAX = 1000;
