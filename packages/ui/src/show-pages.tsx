import '@mantine/core/styles.css';
import './pages.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

/** Contrast of white on these is above 4.5 : 1, in both colour schemes (WCAG 2.2, 1.4.3). */
const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
});

interface Options {
  /** The element that the pages are shown in, as in `#portal`. */
  readonly place: string;
  /** True for an answer that asking again does not change. */
  readonly isFinal: (error: Error) => boolean;
  /** False where each question leaves a trace: then a window that comes to the front asks nothing. */
  readonly askOnFocus: boolean;
  readonly children: ReactNode;
}

/** Shows pages with their theme and what they ask with. @throws Error where the document has no place */
export function showPages({ askOnFocus, children, isFinal, place }: Options): void {
  const root = document.querySelector(place);
  if (root === null) throw new Error(`the page has no place ${place}`);
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => !isFinal(error) && failures < 2,
        ...{ staleTime: 5000, refetchOnWindowFocus: askOnFocus },
      },
    },
  });
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>{children}</QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
