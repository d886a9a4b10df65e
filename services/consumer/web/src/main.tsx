import { Refused } from '@causeway/ui/requests.ts';
import { showPages } from '@causeway/ui/show-pages.tsx';
import './portal.css';
import { App } from './app.tsx';

import { LanguageProvider } from './language.tsx';

showPages({
  place: '#portal',
  isFinal: (error) => error instanceof Refused,
  askOnFocus: true,
  children: (
    <LanguageProvider>
      <App />
    </LanguageProvider>
  ),
});
