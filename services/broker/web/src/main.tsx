import { Refused } from '@causeway/ui/requests.ts';
import { showPages } from '@causeway/ui/show-pages.tsx';
import { App } from './app.tsx';
import { LanguageProvider } from './language.tsx';

showPages({
  place: '#console',
  isFinal: (error) => error instanceof Refused,
  askOnFocus: false,
  children: (
    <LanguageProvider>
      <App />
    </LanguageProvider>
  ),
});
