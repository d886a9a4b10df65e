import { Button, NativeSelect, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { api, type ItemField } from '../api.ts';
import { useWords } from '../language.tsx';
import { fieldName } from './field-names.ts';
import { Loaded } from './loaded.tsx';

interface Props {
  readonly id: string;
  /** Takes what is to be otherwise; null takes a field away. */
  readonly correct: (set?: Readonly<Record<string, unknown>>) => void;
  readonly pending: boolean;
}

/** The disputed record as a form made of its schema: what it says now, and beside it what is right. */
export function CorrectItem({ correct, id, pending }: Props) {
  const { t } = useWords();
  const query = useQuery({ queryKey: ['dispute', id, 'item'], queryFn: async () => await api.item(id) });
  return (
    <Loaded query={query}>
      {({ fields, native }) => {
        if (native !== undefined) return <There system={native} correct={correct} pending={pending} />;
        if (fields.length === 0) return <Text>{t('fix_gone')}</Text>;
        return <ItemForm fields={fields} correct={correct} pending={pending} />;
      }}
    </Loaded>
  );
}

/** A record of another system: it is corrected there, and here it is said that it was. */
function There({ correct, pending, system }: Omit<Props, 'id'> & { readonly system: string }) {
  const { t } = useWords();
  return (
    <>
      <Text size="sm" mt="sm">
        {t('fix_there', { system })}
      </Text>
      <Button size="xs" mt="sm" loading={pending} onClick={() => correct()}>
        {t('fix_thereDone')}
      </Button>
    </>
  );
}

type Texts = Readonly<Record<string, string>>;

function ItemForm({
  correct,
  fields,
  pending,
}: Omit<Props, 'id'> & { readonly fields: readonly ItemField[] }) {
  const { t } = useWords();
  const [texts, setTexts] = useState<Texts>({});
  const set = changes(fields, texts);
  const typed = fields.filter(({ type }) => type !== 'parts');
  const row = (field: ItemField) => (
    <FieldRow
      key={field.name}
      field={field}
      text={texts[field.name] ?? textOf(field)}
      edit={(text) => setTexts({ ...texts, [field.name]: text })}
    />
  );
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    correct(set);
  };
  return (
    <form onSubmit={submit} aria-label={t('fix_title')}>
      <Title order={3} size="h5" mt="sm">
        {t('fix_title')}
      </Title>
      <Text size="sm">{t('fix_more')}</Text>
      {typed.filter(({ value }) => value !== undefined).map(row)}
      <details>
        <summary>{t('fix_further')}</summary>
        {typed.filter(({ value }) => value === undefined).map(row)}
      </details>
      {typed.length < fields.length ? (
        <Text size="sm" mt="xs">
          {t('fix_same')}
        </Text>
      ) : null}
      <Button type="submit" size="xs" mt="sm" disabled={Object.keys(set).length === 0} loading={pending}>
        {t('fix_send', { n: Object.keys(set).length })}
      </Button>
    </form>
  );
}

interface RowProps {
  readonly field: ItemField;
  readonly text: string;
  readonly edit: (text: string) => void;
}

/** What a field says now, and what it is to say. */
function FieldRow({ edit, field, text }: RowProps) {
  const { language, t } = useWords();
  const { name, options, required, title, type, value } = field;
  const changed = text !== textOf(field);
  const called = fieldName(name, language);
  const label = t('fix_new', { field: called });
  const choices = type === 'flag' ? ['true', 'false'] : options;
  const shared = { label, value: text, ...(changed ? { 'data-changed': true } : {}) };
  return (
    <div className="old-new">
      <div>
        <Text size="sm">
          <strong>{called}</strong> <code>{name}</code>
        </Text>
        {title === 'amount in minor units' ? <Text size="xs">{t('fix_minor')}</Text> : null}
        <Text size="sm" className="digest">
          {t('fix_now')}: {value === undefined ? '–' : <strong>{textOf(field)}</strong>}
        </Text>
      </div>
      {choices === undefined ? (
        <TextInput
          {...shared}
          size="xs"
          maxLength={1000}
          required={required}
          onChange={({ currentTarget }) => edit(currentTarget.value)}
        />
      ) : (
        <NativeSelect
          {...shared}
          size="xs"
          data={[...(required ? [] : ['']), ...choices]}
          onChange={({ currentTarget }) => edit(currentTarget.value)}
        />
      )}
    </div>
  );
}

const textOf = ({ value }: ItemField): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** The fields whose text is another one by now, as the record holds them. */
function changes(fields: readonly ItemField[], texts: Texts): Record<string, unknown> {
  const changed = fields.filter((field) => {
    const text = texts[field.name];
    return text !== undefined && text !== textOf(field);
  });
  return Object.fromEntries(changed.map(({ name, type }) => [name, valueOf(type, texts[name] ?? '')]));
}

function valueOf(type: ItemField['type'], text: string): unknown {
  if (text.trim() === '') return null;
  if (type === 'flag') return text === 'true';
  // What is no number stays a text, and the service says so.
  if (type === 'number' && /^-?[0-9]{1,15}$/u.test(text)) return Number(text);
  return text;
}
