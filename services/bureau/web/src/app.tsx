import { ChooseLanguage } from '@causeway/ui/choose-language.tsx';
import { Places } from '@causeway/ui/places.tsx';
import { Refused } from '@causeway/ui/requests.ts';
import { Button, Container, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Route, Router, Switch } from 'wouter';
import { api, type Self, signIn } from './api.ts';
import { useWords } from './language.tsx';
import { Adapter } from './pages/adapter.tsx';
import { BatchPage } from './pages/batch.tsx';
import { Batches } from './pages/batches.tsx';
import { Disputes } from './pages/disputes.tsx';
import { HealthPage } from './pages/health.tsx';
import { ReadsPage } from './pages/reads.tsx';
import { RulePage } from './pages/rule.tsx';
import { RulesPage } from './pages/rules.tsx';

/** Addresses, their words, and what one must be let do to see something there. */
const places = [
  { path: '/', key: 'health', needs: ['health.read'] },
  { path: '/batches', key: 'batches', needs: ['batches.read'] },
  { path: '/adapter', key: 'adapter', needs: ['mapping.preview', 'keys.read'] },
  { path: '/rules', key: 'rules', needs: ['rules.read'] },
  { path: '/disputes', key: 'disputes', needs: ['disputes.read'] },
  { path: '/reads', key: 'reads', needs: ['reads.read'] },
] as const;

const covers = ({ may }: Self, needs: readonly string[]): boolean => needs.some((name) => may.includes(name));

/** The console: nothing before somebody of the staff has signed in, then what their roles cover. */
export function App() {
  const { t } = useWords();
  const self = useQuery({ queryKey: ['self'], queryFn: api.self });
  const stranger = self.error instanceof Refused;
  const open = places.flatMap(({ key, needs, path }) =>
    self.data && covers(self.data, needs) ? [{ path, label: t(key) }] : [],
  );
  return (
    <Router base="/console">
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <Container component="header" size="lg" py="sm">
        <Head known={self.data !== undefined} />
        {self.data ? <Who self={self.data} /> : null}
        {self.data ? <Places label={t('title')} places={open} /> : null}
      </Container>
      <Container component="main" id="content" size="lg" pb="xl" tabIndex={-1}>
        {self.isPending ? <Text>{t('loading')}</Text> : null}
        {stranger ? <Welcome /> : null}
        {self.error !== null && !stranger ? (
          <Text role="alert">{t('failed', { detail: self.error.message })}</Text>
        ) : null}
        {self.data ? <Pages self={self.data} /> : null}
      </Container>
    </Router>
  );
}

function Head({ known }: { readonly known: boolean }) {
  const { choose, language, t } = useWords();
  return (
    <Group justify="space-between" gap="xs">
      <Title order={1} size="h3">
        {t('title')}
      </Title>
      <Group gap="xs">
        <ChooseLanguage label={t('language')} language={language} choose={choose} />
        {known ? <SignOut /> : null}
      </Group>
    </Group>
  );
}

function Who({ self }: { readonly self: Self }) {
  const { language, t } = useWords();
  const { legal_name, legal_name_zh } = self.member;
  const member = (language === 'zh-CN' ? legal_name_zh : undefined) ?? legal_name;
  const roles = self.roles.map((role) => t(`role_${role}`)).join(language === 'en' ? ', ' : '、');
  return (
    <Text size="sm" mt="xs">
      {t('who', { name: self.name, member, roles })}
    </Text>
  );
}

function Pages({ self }: { readonly self: Self }) {
  const pages: Readonly<Record<string, ReactNode>> = {
    '/batches': <Batches self={self} />,
    '/batches/one': <BatchPage self={self} />,
    '/adapter': <Adapter self={self} />,
    '/rules': <RulesPage />,
    '/rules/one': <RulePage />,
    '/disputes': <Disputes self={self} />,
    '/reads': <ReadsPage />,
  };
  return (
    <Switch>
      {Object.entries(pages).map(([path, page]) => (
        <Route key={path} path={path}>
          {covers(self, places.find((place) => place.path === path.replace('/one', ''))?.needs ?? []) ? (
            page
          ) : (
            <NotYours />
          )}
        </Route>
      ))}
      <Route>
        <HealthPage />
      </Route>
    </Switch>
  );
}

function NotYours() {
  const { t } = useWords();
  return <Text my="md">{t('notYours')}</Text>;
}

function Welcome() {
  const { t } = useWords();
  return (
    <>
      <Title order={2} mt="md">
        {t('welcome')}
      </Title>
      <Text my="md">{t('welcomeMore')}</Text>
      <Text my="md">{t('traced')}</Text>
      <Button size="md" onClick={signIn}>
        {t('signIn')}
      </Button>
    </>
  );
}

function SignOut() {
  const { t } = useWords();
  const leave = async (): Promise<void> => {
    await api.signOut();
    globalThis.location.assign('/console/');
  };
  return (
    <Button variant="default" size="xs" onClick={() => void leave()}>
      {t('signOut')}
    </Button>
  );
}
