import { expect, test } from 'vitest';

import { createMetrics } from './metrics.ts';

test('gauges have a value for each value of their label, as they are when somebody looks', async () => {
  const metrics = createMetrics();
  let waiting = new Map([
    ['central', 2],
    ['lotus', 1],
  ]);
  metrics.gauges('waiting', 'What waits for a node', 'node', () => waiting);
  const said = async () =>
    (await metrics.registry.getSingleMetricAsString('waiting')).split('\n').filter((line) => line[0] !== '#');
  expect(await said()).toEqual(['waiting{node="central"} 2', 'waiting{node="lotus"} 1']);
  waiting = new Map([['lotus', 3]]);
  expect(await said()).toEqual(['waiting{node="lotus"} 3']);
});

test('gauges of nothing have no value', async () => {
  const metrics = createMetrics();
  metrics.gauges('waiting', 'What waits for a node', 'node', () => new Map());
  expect(await metrics.registry.getSingleMetricAsString('waiting')).not.toMatch(/^waiting/mu);
});
