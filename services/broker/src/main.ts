import { runService } from '@causeway/service';

import { buildApp, variables } from './app.ts';

await runService({ name: 'broker', variables, build: buildApp });
