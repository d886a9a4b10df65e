import { Text } from '@mantine/core';
import { useWords } from '../language.tsx';
import { ScrollTable } from './scroll-table.tsx';

interface Point {
  /** When the batch came. */
  readonly at: string;
  readonly name: string;
  readonly lines: number;
  readonly count: number;
}

const [width, height, gap] = [480, 120, 4];

/** Numbers of the last batches as bars, the oldest first, and the same numbers as a table. */
export function RejectionTrend({
  label,
  points,
}: {
  readonly label: string;
  readonly points: readonly Point[];
}) {
  const { t, time } = useWords();
  if (points.length === 0) return <Text>{t('pub_trendNone')}</Text>;
  const most = Math.max(1, ...points.map(({ count }) => count));
  const step = width / points.length;
  return (
    <>
      <svg className="bars" viewBox={`0 0 ${width} ${height + 16}`} role="img" aria-label={label}>
        <desc>{t('pub_chart')}</desc>
        <line x1="0" y1={height} x2={width} y2={height} stroke="currentColor" />
        {points.map(({ at, count }, n) => {
          const tall = (count / most) * (height - 16);
          const wide = Math.min(step - gap, 48);
          return (
            <g key={at + String(n)} fill="currentColor">
              <rect x={n * step + (step - wide) / 2} y={height - tall} width={wide} height={tall} />
              <text x={(n + 0.5) * step} y={height - tall - 4} textAnchor="middle" fontSize="12">
                {count}
              </text>
            </g>
          );
        })}
      </svg>
      <Text size="sm">{t('pub_chart')}</Text>
      <ScrollTable
        label={label}
        head={[t('received'), t('pub_batch'), t('count'), t('parsed')]}
        rows={points.toReversed().map(({ at, count, lines, name }) => [time(at), name, count, lines])}
        none={t('pub_trendNone')}
      />
    </>
  );
}
