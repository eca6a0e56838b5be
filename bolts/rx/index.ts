/** `squall/rx`: bolts of RxJS operators. @module */
export { rx, type RxSpec } from './rx.js';
export { type Operator, type Rows } from './rows.js';
export { filter, map, passing, scan } from './passing.js';
export { anchored, bufferCount, bufferTime, debounceTime, toArray } from './anchored.js';
export { concatMap, mergeMap, switchMap, type Inner } from './flattening.js';
export { groupBy, type Group } from './group-by.js';
