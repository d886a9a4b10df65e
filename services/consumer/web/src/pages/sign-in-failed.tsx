import { Anchor, Button, Group, Text, Title } from '@mantine/core';
import { Link } from 'wouter';
import { signIn } from '../api.ts';
import { useWords } from '../language.tsx';
import { localPath } from '../local-path.ts';

const reasons = ['cancelled', 'again', 'weak', 'act', 'away'] as const;

/** A sign-in that came to nothing: what happened in plain words, that nothing was done, and the ways on. */
export function SignInFailed({ signedIn }: { readonly signedIn: boolean }) {
  const { t } = useWords();
  const asked = new URLSearchParams(location.search);
  const why = reasons.find((reason) => reason === asked.get('why')) ?? 'again';
  const to = localPath(asked.get('to'));
  return (
    <>
      <Title order={2} mt="md">
        {t('signInFailed')}
      </Title>
      <Text my="md" role="status">
        {t(`signInFailed_${why}`)}
      </Text>
      <Text my="md">{t('signInFailedNothing')}</Text>
      <Group>
        {signedIn ? (
          <Anchor component={Link} href={to}>
            {t('signInFailedBack')}
          </Anchor>
        ) : (
          <Button onClick={() => signIn(to)}>{t('signInFailedAgain')}</Button>
        )}
      </Group>
    </>
  );
}
