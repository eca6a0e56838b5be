/** What the guide says of metrics. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { BUILT_IN } from '../../runtime/metrics/built-in.js';
import { isInstalled, serverFolder } from '../support/services/service.js';
import { blockWith, read } from './markdown.js';

const PAGE = 'docs/guide/metrics.md';

test('the guide lists every metric with its type, and no other', () => {
  const listed = [...read(PAGE).matchAll(/^\| `squall_(\w+)` \| (\w+) \|/gm)];
  expect(listed.map(([, name, type]) => [name, type])).toEqual(
    Object.entries(BUILT_IN).map(([name, [type]]) => [name, type]),
  );
});

const has = isInstalled('promtool', 'prometheus');

(has ? test : test.skip)('Prometheus takes the rules that the guide shows', () => {
  const rules = blockWith(PAGE, 'yaml', 'rules:');
  const folder = serverFolder('rules');
  const path = join(folder.path, 'rules.yml');
  writeFileSync(path, rules);
  const { status, stdout } = spawnSync('promtool', ['check', 'rules', path], { encoding: 'utf8' });
  folder.remove();
  expect(stdout).toContain(`SUCCESS: ${rules.match(/alert:/g)!.length} rules found`);
  expect(status).toBe(0);
  const named = [...rules.matchAll(/squall_(\w+)/g)].map(([, name]) => name!);
  expect(named.filter((name) => !Object.hasOwn(BUILT_IN, name))).toEqual([]);
});
