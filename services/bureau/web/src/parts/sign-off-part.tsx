import type { Self } from '@causeway/ui/staff-api.ts';
import { Button, Card, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import type { BatchDetail, SignedOff } from '../api.ts';
import { publishing } from '../api-publishing.ts';
import { useWords } from '../language.tsx';
import { Refusal } from './refusal.tsx';

interface Props {
  readonly batch: BatchDetail;
  readonly self: Self;
}

/** The sign-off of a batch, or the way to it for who may: never whoever brought the file. */
export function SignOffPart({ batch, self }: Props) {
  const { t } = useWords();
  const brought = batch.uploads.some(({ person }) => person === self.person);
  return (
    <section aria-label={t('pub_signOff')}>
      <Title order={3} size="h4" mt="md">
        {t('pub_signOff')}
      </Title>
      {batch.sign_off ? <Signed signed={batch.sign_off} /> : <Text>{t('pub_notSigned')}</Text>}
      {batch.sign_off || !self.may.includes('batches.sign_off') ? null : (
        <div className="screen-only">
          {brought ? <Text>{t('pub_fourEyes')}</Text> : <SignForm batch={batch} />}
        </div>
      )}
    </section>
  );
}

function Signed({ signed }: { readonly signed: SignedOff }) {
  const { t, time } = useWords();
  const { accepted, at, lines, name, person, rejected, statement } = signed;
  return (
    <>
      <Text>{t('pub_signed', { name, person, date: time(at) })}</Text>
      <Text size="sm">{t('pub_signedFigures', { lines, accepted, rejected })}</Text>
      <Text size="sm" className="digest">
        {t('pub_statement')}: <code>{statement}</code>
      </Text>
      <p className="ink">{t('pub_ink')}</p>
    </>
  );
}

function SignForm({ batch }: { readonly batch: BatchDetail }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const { accepted, deleted, lines, rejected, statement = '', state, warnings } = batch;
  const signing = useMutation({
    mutationFn: async () =>
      await publishing.signOff(batch, { name, statement, lines, accepted, rejected, warnings, deleted }),
    onSuccess: async (now) => {
      client.setQueryData(['batch', batch.batch, batch.mapping], now);
      await client.invalidateQueries({ queryKey: ['batches'] });
    },
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    signing.mutate();
  };
  return (
    <Card withBorder mt="sm" component="form" onSubmit={submit}>
      <Text size="sm" className="digest">
        {t('pub_signMore', { lines, accepted, rejected, statement })}
      </Text>
      <TextInput
        label={t('pub_typeName')}
        my="sm"
        value={name}
        maxLength={100}
        autoComplete="off"
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <div>
        <Button
          type="submit"
          disabled={name.trim() === '' || state !== 'complete'}
          loading={signing.isPending}
        >
          {t('pub_sign')}
        </Button>
      </div>
      {signing.isError ? <Refusal error={signing.error} /> : null}
    </Card>
  );
}
