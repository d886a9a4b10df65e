import { Card, Group, Text } from '@mantine/core';
import type { MergedFile } from '@causeway/records/report';
import { useWords } from '../language.tsx';
import { list, useMemberNames } from '../parts/names.ts';
import { amountText } from './amount.ts';
import { Section } from './section.tsx';
import { wordFor } from './vocabulary.ts';
import { WrongLink } from './wrong-link.tsx';

type Profile = MergedFile['profiles'][number];
type Source = Profile['sources'][number];

const personFields = ['birth_date', 'sex', 'nationality', 'marital_status', 'education', 'degree'];
const workFields = ['employment_status', 'occupation'];
const enterpriseFields = ['org_type', 'economic_type', 'size', 'founded', 'licence_expires', 'status'];
const fields = [...personFields, ...workFields, ...enterpriseFields, 'industry', 'registered_capital'];

/** What a bureau says in a field. */
interface Said {
  readonly value: unknown;
  readonly sources: readonly Source[];
}

/** Who the bureaus take the person for, field by field, and whether they agree. */
export function Identity({ profiles }: { readonly profiles: readonly Profile[] }) {
  const { t } = useWords();
  const told = fields.flatMap((field) => {
    const said = saidOf(profiles, field);
    return said.length === 0 ? [] : [{ field, said }];
  });
  return (
    <Section title={t('reportIdentity')} empty={told.length === 0}>
      <Card withBorder padding="sm">
        <dl className="report-facts">
          {told.map(({ field, said }) => (
            <Field key={field} field={field} said={said} />
          ))}
        </dl>
      </Card>
    </Section>
  );
}

/** Equal values are one, from all who say it. */
function saidOf(profiles: readonly Profile[], field: string): Said[] {
  const byText = new Map<string, Said>();
  for (const profile of profiles) {
    const value: unknown = Reflect.get(profile, field);
    if (value === undefined) continue;
    const key = JSON.stringify(value);
    const known = byText.get(key);
    byText.set(key, { value, sources: [...(known?.sources ?? []), ...profile.sources] });
  }
  return [...byText.values()];
}

function Field({ field, said }: { readonly field: string; readonly said: readonly Said[] }) {
  const { language, t } = useWords();
  const name = wordFor('profile_field', field, language);
  return (
    <div>
      <dt>
        {name}
        {said.length > 1 ? <span className="report-chip report-chip-bad">{t('reportDiffer')}</span> : null}
      </dt>
      {said.map((one) => (
        <dd key={JSON.stringify(one.value)}>
          <Value field={field} name={name} said={one} />
        </dd>
      ))}
    </div>
  );
}

function Value({ field, name, said: { sources, value } }: { field: string; name: string; said: Said }) {
  const { language, t } = useWords();
  const nameOf = useMemberNames();
  const bureaus = list([...new Set(sources.map(({ bureau }) => nameOf(bureau)))], language);
  return (
    <Group gap="xs">
      <span>{field === 'sex' ? wordFor('sex', String(value), language) : textOf(value, language)}</span>
      <Text size="xs" component="span">
        {t(sources.length > 1 ? 'reportAgree' : 'reportOnly', { bureaus })}
      </Text>
      <WrongLink sources={sources} what={name} />
    </Group>
  );
}

/** Words of a source's vocabulary as they are; money with its currency. */
function textOf(value: unknown, language: Parameters<typeof amountText>[2]): string {
  if (typeof value !== 'object' || value === null) return String(value).replaceAll('_', ' ');
  const { amount_minor: minor, currency } = value as { amount_minor: string; currency: string };
  return amountText(minor, currency, language);
}
