import { runService } from '@causeway/service/run-service';
import { buildAuthority } from './app.ts';
import { authorityVariables } from './parts.ts';

await runService({
  name: 'authority',
  variables: authorityVariables,
  build: (context) => buildAuthority({ ...context, clock: context.clock.machine }),
});
