// Writes a PKCS#12 file as a portal does that makes the key in the browser, with node-forge.
// Standard input: {"key": PEM, "certificates": [PEM], "password", "name", "localKeyId"}.

const forge = require('node-forge');

const wanted = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const file = forge.pkcs12.toPkcs12Asn1(
  forge.pki.privateKeyFromPem(wanted.key),
  wanted.certificates.map((pem) => forge.pki.certificateFromPem(pem)),
  wanted.password,
  {
    algorithm: 'aes256',
    generateLocalKeyId: wanted.localKeyId,
    ...(wanted.name && { friendlyName: wanted.name }),
  },
);
process.stdout.write(Buffer.from(forge.asn1.toDer(file).getBytes(), 'binary'));
