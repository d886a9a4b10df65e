import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { appendLeaves, frontierNodes, frontierOf, rootOf } from './frontier.ts';
import { treeOf, unhex } from './tree.fixture.ts';
import { emptyRoot, leafHash, nodeHash } from './tree-hash.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('S46 hashes as RFC 6962 asks', () => {
  // From rfc6962_test.go of github.com/transparency-dev/merkle; each can be had with sha256sum alone.
  test('the root of nothing, an empty leaf, a leaf and a node', () => {
    expect(hex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const bytes = new TextEncoder();
    expect(hex(leafHash(new Uint8Array()))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(hex(leafHash(bytes.encode('L123456')))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
    expect(hex(nodeHash(bytes.encode('N123'), bytes.encode('N456')))).toBe(
      'aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb',
    );
  });

  // Leaves and roots of the Certificate Transparency reference tree (merkletree test of google/certificate-transparency).
  const entries = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map(unhex);
  test.each([
    [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
    [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
    [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
    [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
    [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
    [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
    [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
    [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
  ])('the root of the first %i leaves of the reference tree', (size, root) => {
    const leaves = entries.slice(0, size).map(leafHash);
    expect(hex(rootOf(appendLeaves(frontierOf(0, []), leaves).frontier))).toBe(root);
  });
});

describe('a frontier', () => {
  test('is the same however the leaves came, and is what its nodes say', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 8 }), (batches) => {
        const size = batches.reduce((sum, batch) => sum + batch, 0);
        const tree = treeOf(size);
        let frontier = frontierOf(0, []);
        let from = 0;
        for (const batch of batches) {
          frontier = appendLeaves(frontier, tree.leaves.slice(from, from + batch)).frontier;
          from += batch;
        }
        expect(frontier).toEqual(tree.frontier);
        const peaks = frontierNodes(size).map(({ level, index }) => tree.read(level, index));
        expect(peaks).toEqual(frontier.peaks);
      }),
    );
  });

  test('yields each perfect subtree once, when it is complete', () => {
    const { nodes } = appendLeaves(frontierOf(0, []), treeOf(6).leaves);
    const names = nodes.map(({ level, index }) => `${level}/${index}`);
    expect(names).toEqual(['0/0', '0/1', '1/0', '0/2', '0/3', '1/1', '2/0', '0/4', '0/5', '1/2']);
  });

  test('of a size that its hashes do not fit is a fault of ours and stops', () => {
    expect(() => frontierOf(3, [emptyRoot()])).toThrow('one hash for each');
    expect(() => frontierOf(1, [new Uint8Array(31)])).toThrow('32 bytes');
    expect(() => frontierNodes(-1)).toThrow('safe integer');
  });
});
