/** Anonymizing rows: the bolt and its methods. @module */
export { anonymize } from './anonymize.js';
export type { Anonymized, RulesFor } from './anonymized.js';
export { CryptoPan, keyFromPassphrase } from './crypto-pan.js';
export { drop } from './drop.js';
export { floorTime } from './floor-time.js';
export { hmac } from './hmac.js';
export { primaryLanguage } from './language.js';
export { mask } from './mask.js';
export { path } from './path.js';
export { prefixPreserving } from './prefix-preserving.js';
export { query } from './query.js';
export { registrableDomain } from './referer.js';
export type { Emits, Fields, Replacement, Rule, RuledField, TimeRule } from './rule.js';
export { truncate, type KeptBits } from './truncate.js';
export { family } from './user-agent.js';
