import { Card, Text } from '@mantine/core';
import type { MergedFile } from '@causeway/records/report';
import { useWords } from '../language.tsx';
import { useMemberNames } from '../parts/names.ts';
import { Marks } from './marks.tsx';
import { Section } from './section.tsx';
import { WrongLink } from './wrong-link.tsx';

type Score = NonNullable<MergedFile['scores']>[number];

/** Scores with their range and safe end, and the factors by impact that came with them; none is derived. */
export function Scores({ scores }: { readonly scores: readonly Score[] }) {
  const { t } = useWords();
  return (
    <Section title={t('reportScores')}>
      {scores.length === 0 ? <Text size="sm">{t('reportNoScores')}</Text> : null}
      {scores.map((score) => (
        <ScoreCard key={`${score.sources[0]?.bureau} ${score.record_id}`} score={score} />
      ))}
    </Section>
  );
}

function ScoreCard({ score }: { readonly score: Score }) {
  const { t } = useWords();
  const nameOf = useMemberNames();
  const { direction, max, min, model, reasons = [], sources, unscorable_reason: reason = '' } = score;
  const value = score.value ?? t('reportUnscorable', { reason });
  const title = t('reportScore', { model, value, min, max });
  return (
    <Card component="article" withBorder padding="sm" mb="sm" className="report-row" aria-label={title}>
      <Text fw={600}>{title}</Text>
      <Text size="sm">
        {`${nameOf(sources[0]?.bureau ?? '')}, ${score.as_of}. `}
        {t(direction === 'higher_safer' ? 'reportHigherSafer' : 'reportHigherRiskier')}
      </Text>
      <Marks record={score} />
      {reasons.length === 0 ? (
        <Text size="sm">{t('reportNoFactors')}</Text>
      ) : (
        <>
          <Text size="sm" fw={600} mt="xs">
            {t('reportFactors')}
          </Text>
          <ol className="report-factors">
            {reasons
              .toSorted((a, b) => a.rank - b.rank)
              .map(({ code, effect = 'unknown', rank, text }) => (
                <li key={rank}>{`${text ?? code} (${t(`reportEffect_${effect}`)})`}</li>
              ))}
          </ol>
        </>
      )}
      <WrongLink sources={sources} what={title} />
    </Card>
  );
}
