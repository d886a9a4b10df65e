import { Button, Container, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Route, Router, Switch } from 'wouter';
import { ChooseLanguage } from './choose-language.tsx';
import { Places } from './places.tsx';
import { Refused } from './requests.ts';
import { type Self, staffApi } from './staff-api.ts';
import type { StaffWord } from './staff-words.ts';
import type { Words } from './words.tsx';

export interface StaffPlace {
  readonly path: string;
  /** Under which the navigation has it; one without is reached from another page. */
  readonly label?: string;
  /** What one must be let do to see something there, one of these. */
  readonly needs: readonly string[];
  readonly page: ReactNode | ((self: Self) => ReactNode);
}

interface Props {
  readonly title: string;
  readonly words: Words<StaffWord>;
  readonly roleName: (role: string) => string;
  /** The first is what is shown where nothing else is named. */
  readonly places: readonly StaffPlace[];
  /** What somebody sees who has not signed in. */
  readonly welcome: ReactNode;
}

const covers = ({ may }: Self, { needs }: StaffPlace): boolean => needs.some((name) => may.includes(name));

/** The places that one's roles cover, as the navigation has them. */
const listed = (self: Self, places: readonly StaffPlace[]) =>
  places.flatMap((place) => {
    const { label, path } = place;
    return label !== undefined && covers(self, place) ? [{ label, path }] : [];
  });

/** The pages of a service for staff: nothing before one has signed in, then what one's roles cover. */
export function StaffConsole({ places, roleName, title, welcome, words }: Props) {
  const { t } = words;
  const self = useQuery({ queryKey: ['self'], queryFn: staffApi.self });
  const stranger = self.error instanceof Refused;
  const { data } = self;
  return (
    <Router base="/console">
      <a className="skip" href="#content">
        {t('skip')}
      </a>
      <Container component="header" size="lg" py="sm">
        <Head title={title} words={words} known={data !== undefined} />
        {data ? <Who self={data} words={words} roleName={roleName} /> : null}
        {data ? <Places label={title} places={listed(data, places)} /> : null}
      </Container>
      <Container component="main" id="content" size="lg" pb="xl" tabIndex={-1}>
        {self.isPending ? <Text>{t('loading')}</Text> : null}
        {stranger ? welcome : null}
        {self.error !== null && !stranger ? (
          <Text role="alert">{t('failed', { detail: self.error.message })}</Text>
        ) : null}
        {data ? <Pages self={data} places={places} words={words} /> : null}
      </Container>
    </Router>
  );
}

function Head({ known, title, words }: Pick<Props, 'title' | 'words'> & { readonly known: boolean }) {
  const { choose, language, t } = words;
  const leave = async (): Promise<void> => {
    await staffApi.signOut();
    globalThis.location.assign('/console/');
  };
  return (
    <Group justify="space-between" gap="xs">
      <Title order={1} size="h3">
        {title}
      </Title>
      <Group gap="xs">
        <ChooseLanguage label={t('language')} language={language} choose={choose} />
        {known ? (
          <Button variant="default" size="xs" onClick={() => void leave()}>
            {t('signOut')}
          </Button>
        ) : null}
      </Group>
    </Group>
  );
}

function Who({ roleName, self, words }: Pick<Props, 'roleName' | 'words'> & { readonly self: Self }) {
  const { language, t } = words;
  const { legal_name, legal_name_zh } = self.member;
  const member = (language === 'zh-CN' ? legal_name_zh : undefined) ?? legal_name;
  const roles = self.roles.map(roleName).join(language === 'en' ? ', ' : '、');
  return (
    <Text size="sm" mt="xs">
      {t('who', { name: self.name, member, roles })}
    </Text>
  );
}

function Pages({ places, self, words }: Pick<Props, 'places' | 'words'> & { readonly self: Self }) {
  const shown = (place: StaffPlace | undefined): ReactNode => {
    if (!place || !covers(self, place)) return <Text my="md">{words.t('notYours')}</Text>;
    return typeof place.page === 'function' ? place.page(self) : place.page;
  };
  const [first, ...rest] = places;
  return (
    <Switch>
      {rest.map((place) => (
        <Route key={place.path} path={place.path}>
          {shown(place)}
        </Route>
      ))}
      <Route>{shown(first)}</Route>
    </Switch>
  );
}
