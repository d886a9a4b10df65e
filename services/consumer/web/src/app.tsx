import { ChooseLanguage } from '@causeway/ui/choose-language.tsx';
import { Places } from '@causeway/ui/places.tsx';
import { Refused } from '@causeway/ui/requests.ts';
import { Anchor, Button, Container, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Link, Route, Switch } from 'wouter';
import { actingFor, forgetActing, may } from './acting.ts';
import { api, signIn } from './api.ts';
import { useWords } from './language.tsx';
import { Freeze } from './pages/freeze.tsx';
import { History } from './pages/history.tsx';
import { Home } from './pages/home.tsx';
import { Permissions } from './pages/permissions.tsx';
import { Settings } from './pages/settings.tsx';
import { SignInFailed } from './pages/sign-in-failed.tsx';
import { ActingBanner } from './parts/acting-banner.tsx';
import { Live } from './parts/live.tsx';

/** Loaded when it is wanted. */
const Report = lazy(async () => ({ default: (await import('./pages/report.tsx')).Report }));
/** Loaded when they are wanted: most people never dispute anything. */
const Disputes = lazy(async () => ({ default: (await import('./pages/disputes.tsx')).Disputes }));
const NewDispute = lazy(async () => ({ default: (await import('./pages/new-dispute.tsx')).NewDispute }));

const places = [
  ['/', 'home'],
  ['/history', 'history'],
  ['/permissions', 'permissions'],
  ['/freeze', 'freeze'],
  ['/report', 'report'],
  ['/disputes', 'disputes'],
  ['/settings', 'settings'],
] as const;

/** Where somebody who acts for another may go: what the mandate does not cover is not there. */
function placesHere(): readonly (readonly [string, (typeof places)[number][1]])[] {
  if (actingFor() === undefined) return places;
  const open: Partial<Record<(typeof places)[number][1], boolean>> = {
    ...{ history: may('read'), permissions: may('read') || may('consent') },
    ...{ freeze: may('read'), disputes: may('dispute') },
  };
  return places.filter(([, key]) => open[key] === true);
}

/** The portal: nothing of a person before they have signed in, then its places. */
export function App() {
  const { choose, language, t } = useWords();
  const { error, isPending } = useQuery({ queryKey: ['requests'], queryFn: api.requests });
  const stranger = error instanceof Refused && error.status === 401;
  return (
    <>
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <Container component="header" size="md" py="sm">
        <Group justify="space-between" gap="xs">
          <Title order={1} size="h3">
            {t('title')}
          </Title>
          <Group gap="xs">
            <ChooseLanguage label={t('language')} language={language} choose={choose} />
            {stranger || isPending ? null : <SignOut />}
          </Group>
        </Group>
        {stranger || isPending ? null : (
          <Places label={t('title')} places={placesHere().map(([path, key]) => ({ path, label: t(key) }))} />
        )}
      </Container>
      <Container component="main" id="content" size="md" pb="xl" tabIndex={-1}>
        {stranger || isPending ? null : <ActingBanner />}
        {isPending ? <Text>{t('loading')}</Text> : null}
        {stranger ? <Strangers /> : null}
        {stranger || isPending ? null : <Pages />}
        {stranger || isPending || actingFor() !== undefined ? null : <Live />}
      </Container>
    </>
  );
}

function Pages() {
  const { t } = useWords();
  return (
    <Suspense fallback={<Text>{t('loading')}</Text>}>
      <Switch>
        <Route path="/history" component={History} />
        <Route path="/permissions" component={Permissions} />
        <Route path="/freeze" component={Freeze} />
        <Route path="/settings" component={Settings} />
        <Route path="/sign-in-failed">
          <SignInFailed signedIn />
        </Route>
        <Route path="/report" component={Report} />
        <Route path="/disputes" component={Disputes} />
        <Route path="/disputes/new" component={NewDispute} />
        <Route component={actingFor() === undefined ? Home : ActingHome} />
      </Switch>
    </Suspense>
  );
}

/** The way to what may be done for another. */
function ActingHome() {
  const { t } = useWords();
  return (
    <>
      <Title order={2} my="sm">
        {t('acting_places', { name: actingFor()?.name ?? '' })}
      </Title>
      <ul>
        {placesHere().map(([path, key]) => (
          <li key={path}>
            <Anchor component={Link} href={path}>
              {t(key)}
            </Anchor>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Before a sign-in there is one page, and one for a sign-in that came to nothing. */
function Strangers() {
  return (
    <Switch>
      <Route path="/sign-in-failed">
        <SignInFailed signedIn={false} />
      </Route>
      <Route component={Welcome} />
    </Switch>
  );
}

function Welcome() {
  const { t } = useWords();
  return (
    <>
      <Title order={2} mt="md">
        {t('welcome')}
      </Title>
      <Text my="md">{t('welcomeMore')}</Text>
      <Button size="md" onClick={() => signIn()}>
        {t('signIn')}
      </Button>
    </>
  );
}

function SignOut() {
  const { t } = useWords();
  const leave = async (): Promise<void> => {
    await api.signOut();
    forgetActing();
    globalThis.location.assign('/');
  };
  return (
    <Button variant="default" size="xs" onClick={() => void leave()}>
      {t('signOut')}
    </Button>
  );
}
