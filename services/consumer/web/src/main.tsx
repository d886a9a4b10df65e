import '@mantine/core/styles.css';
import './portal.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { Refused } from './api.ts';
import { LanguageProvider } from './language.tsx';

/** Contrast of white on these is above 4.5 : 1, in both colour schemes (WCAG 2.2, 1.4.3). */
const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
});

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (failures, error) => !(error instanceof Refused) && failures < 2, staleTime: 5000 },
  },
});

const root = document.querySelector('#portal');
if (root === null) throw new Error('the page has no place for the portal');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <App />
        </LanguageProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
