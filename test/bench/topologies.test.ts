/** A benchmark is run seldom: that its topologies can be built is seen at every change. @module */
import { expect, test } from '@jest/globals';
import { webJob } from '../../bench/web-job/topology.js';
import { build } from '../../topology/plan/build.js';

test('the web job is a valid topology', () => {
  expect(() => build(webJob('web.tsv', 'out'))).not.toThrow();
});
