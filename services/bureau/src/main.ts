import { runService } from '@causeway/service';
import { buildApp, variables } from './app.ts';

await runService({ name: 'bureau', variables, build: buildApp });
