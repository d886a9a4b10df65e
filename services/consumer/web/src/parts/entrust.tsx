import { Button, Card, Checkbox, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { stepUp } from '../api.ts';
import { type Power, powers } from '../api-mandates.ts';
import { useWords } from '../language.tsx';
import { ChoosePurposes } from './choose-purposes.tsx';

/** Lets somebody act for the person, by the code that they show; the sign-in behind it is the signature. */
export function Entrust() {
  const { t } = useWords();
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const [days, setDays] = useState('30');
  const [given, setGiven] = useState<readonly Power[]>(['read']);
  const [chosen, setChosen] = useState<readonly string[]>();
  // Nothing but consents has purposes.
  const purposes = given.includes('consent') ? chosen : undefined;
  const bare = code.replaceAll(/[\s-]/gu, '').toUpperCase();
  const entrust = useMutation({
    mutationFn: async () =>
      await stepUp({
        ...{ act: 'entrust', code: bare, name: name.trim(), days: Number(days) },
        powers: powers.filter((power) => given.includes(power)),
        ...(purposes === undefined ? {} : { purposes }),
      }),
  });
  return (
    <Card withBorder my="sm" padding="sm">
      <Title order={4} size="h5">
        {t('mandate_give')}
      </Title>
      <Text size="sm">{t('mandate_giveHint')}</Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          entrust.mutate();
        }}
      >
        <TextInput
          label={t('mandate_code')}
          required
          autoComplete="off"
          maxLength={20}
          value={code}
          onChange={({ currentTarget }) => setCode(currentTarget.value)}
        />
        <TextInput
          label={t('mandate_name')}
          required
          maxLength={40}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <TextInput
          label={t('mandate_days')}
          type="number"
          min={1}
          max={366}
          required
          value={days}
          onChange={({ currentTarget }) => setDays(currentTarget.value)}
        />
        <Powers given={given} choose={setGiven} />
        {given.includes('consent') ? <ChoosePurposes chosen={chosen} choose={setChosen} /> : null}
        {entrust.isError ? <Text role="alert">{t('failed', { detail: entrust.error.message })}</Text> : null}
        <Button
          mt="sm"
          type="submit"
          variant="default"
          disabled={bare.length !== 12 || given.length === 0 || purposes?.length === 0}
          loading={entrust.isPending}
        >
          {t('mandate_submit')}
        </Button>
      </form>
    </Card>
  );
}

interface PowersProps {
  readonly given: readonly Power[];
  readonly choose: (powers: readonly Power[]) => void;
}

function Powers({ choose, given }: PowersProps) {
  const { t } = useWords();
  return powers.map((power) => (
    <Checkbox
      key={power}
      mt="xs"
      label={t(`mandate_power_${power}`)}
      checked={given.includes(power)}
      onChange={({ currentTarget: { checked } }) =>
        choose(checked ? [...given, power] : given.filter((one) => one !== power))
      }
    />
  ));
}
