import { createMetrics } from './metrics.ts';
import { federationApp } from './federation-app.ts';
import { publicApp } from './public-app.ts';
import { runService } from './run-service.ts';

/** Test program: a service with one slow route. It says on stdout what its test waits for. */
const say = (event: string): void => void process.stdout.write(`{"event":"${event}"}\n`);

await runService({
  name: 'slow',
  variables: {},
  build: async ({ config, ...base }) => {
    const app = await publicApp({ ...base, name: 'slow', title: 'Slow', metrics: createMetrics() });
    app.get('/slow', async () => {
      say('slow');
      await new Promise((resolve) => setTimeout(resolve, 700));
      return { done: true };
    });
    const members = () => ({ member: () => undefined });
    const [pair] = config.keys.held().pairs;
    const tls = { current: () => pair, onChange: () => undefined };
    return {
      public: app,
      federation: federationApp({ ...base, tls, fed: config.fed, members }),
      start: async () => say('started'),
      reload: async () => say('reloaded'),
      stop: async () => say('stopped'),
    };
  },
});
