/** `squall/testing`: bolts, sinks and whole topologies under test, without processes. @module */
export { feed, type Fed } from './feed.js';
export { runInMemory, type MemoryRun, type MemoryRunOptions } from './run-in-memory.js';
export { drain, openSink, type OpenSink } from './sinks.js';
export { rowsSpout, type Given } from './rows-spout.js';
export { VirtualClock } from '../clock.js';
