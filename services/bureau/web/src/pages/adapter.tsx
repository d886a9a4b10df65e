import type { Self } from '@causeway/ui/staff-api.ts';
import { KeysPart } from '../parts/keys-part.tsx';
import { PreviewPart } from '../parts/preview-part.tsx';

/** How files are read, and when certificates and keys end (ux B3); each part for whom it concerns. */
export function Adapter({ self }: { readonly self: Self }) {
  return (
    <>
      {self.may.includes('mapping.preview') ? <PreviewPart /> : null}
      {self.may.includes('keys.read') ? <KeysPart /> : null}
    </>
  );
}
