/** The topologies that ship, by name: each is a module whose default export is the topology. @module */
export const catalog: { readonly [name: string]: string } = {
  canonicalize: new URL('./canonicalize.js', import.meta.url).href,
};
