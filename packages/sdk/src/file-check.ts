import { parseStrictJson } from '@causeway/protocol';
import {
  type CheckedLine,
  type FileCheck,
  type Mapping,
  type PreviewedLine,
  PublishingRefusal,
  type RejectedLine,
  type RuleId,
  checkFile,
  parseMapping,
  previewLines,
  rejectedLine,
} from '@causeway/records/publishing/index';

export { PublishingRefusal };
export type { FileCheck, Mapping, PreviewedLine, RejectedLine, RuleId };

/** @throws PublishingRefusal naming the member at fault; CausewayError where the text is no strict JSON */
export function readMapping(text: string): Mapping {
  return parseMapping(parseStrictJson(text));
}

/**
 * What publishing a file through a mapping would say, worked out here with the bureau's own rules, in memory
 * that does not grow with the file. `onRejected` gets each rejected line as it goes into a reject file.
 *
 * @throws PublishingRefusal where the bureau would refuse the mapping or the whole file
 */
export function checkPublication(
  mappingText: string,
  file: Uint8Array | AsyncIterable<Uint8Array>,
  onRejected?: (line: RejectedLine) => void,
): Promise<FileCheck> {
  const mapping = readMapping(mappingText);
  const visit = ({ raw, outcome }: CheckedLine): void => {
    if ('rejection' in outcome) onRejected?.(rejectedLine(outcome.rejection, raw, mapping.encoding));
  };
  return checkFile(mapping, file instanceof Uint8Array ? [file] : file, visit);
}

/**
 * The first lines of a file beside what they become, with identifiers and names masked.
 *
 * @throws PublishingRefusal as `checkPublication`
 */
export function previewPublication(
  mappingText: string,
  file: AsyncIterable<Uint8Array>,
  count: number,
): Promise<PreviewedLine[]> {
  return previewLines(readMapping(mappingText), file, count);
}
