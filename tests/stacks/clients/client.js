// A regional solution built with node-soap: one call a line on standard input, its outcome a line on standard output.
// node client.js URL CA CERTIFICATE KEY

const { createHash } = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const readline = require('node:readline');
const { promisify } = require('node:util');
const axios = require('axios');
const soap = require('soap');

const FUNCTION = { urn: 'urn:asip:ror:lecture:offreSoinEtablissement:2017', encapsulated: 'true' };
const NOTIFICATION = 'TR-Notif-ListeEtablissementsMajApresDate_Demande';

const [url, ca, certificate, key] = process.argv.slice(2);
const httpsAgent = new https.Agent({
  ca: fs.readFileSync(ca), cert: fs.readFileSync(certificate), key: fs.readFileSync(key), keepAlive: true,
});
const request = axios.create({ httpsAgent, proxy: false });
const clients = new Map();

async function client(address) {
  const [path, version] = address.split(' over SOAP ');
  if (!clients.has(address)) {
    // Its cache of descriptions also keeps the options of the first client.
    const options = { forceSoap12Headers: version !== '1.1', disableCache: true, request };
    clients.set(address, await soap.createClientAsync(`${url}/ROR/${path}?wsdl`, options));
  }
  return clients.get(address);
}

// Operations are called by name, for the one with hyphens has no promised form.
async function ask(address, operation, body) {
  const callee = await client(address);
  return promisify((message, done) => callee[operation](message, (error, answer) => done(error, answer)))(body);
}

const many = (value) => (value === undefined ? [] : [].concat(value));
const text = (value) => (value !== null && typeof value === 'object' ? value.$value : value);

async function reading(address, establishment) {
  const identifier = { attributes: { code: establishment, assigningAuthorityName: '1.2.250.1.71.4.2.2' } };
  const wanted = { etablissementDemandeLecture: { id_etablissement: identifier } };
  return lecture(address, { 'TR_Lecture-OffresSanteEtablissement': wanted });
}

async function unit(address, code) {
  const identifier = { attributes: { code, assigningAuthorityName: '1.2.250.1.213.6.1.1.1.1.76' } };
  return lecture(address, { 'TR_Lecture-OffreSanteOrganisationInterne': { organisationID: identifier } });
}

async function lecture(address, wanted) {
  const answer = await ask(address, 'careServicesRequest_Request', { function: { attributes: FUNCTION, ...wanted } });
  return answer.error === undefined ? document(answer.result) : error(answer);
}

async function notification(address, since) {
  const answer = await ask(address, NOTIFICATION, { params: { dateRef: since } });
  const establishments = many(answer.etablissementReponseNotif).map((one) => one.id_etablissement.attributes.code);
  return { outcome: 'answer', number: Number(answer.result), establishments };
}

async function search(address, { activity, region }) {
  const requestParams = {
    organization: '',
    service: { codedType: { attributes: { code: activity, codingScheme: '1.2.250.1.213.3.3.12' } } },
    otherParams: { destination: { type: { attributes: { code: '1' } }, code: { attributes: { code: region } } } },
  };
  const answer = await ask(address, 'careServicesRequest_Request', { function: { requestParams } });
  if (answer.error !== undefined) return error(answer);
  const facilities = many(answer.result.facilityDirectory.facility).map((one) => one.primaryName);
  return { outcome: 'answer', number: Number(answer.result.resultNumber.OInumber), facilities };
}

async function archive(address) {
  const { status, headers, data } = await request.get(
    address, { responseType: 'arraybuffer', validateStatus: () => true });
  if (status !== 200) return { outcome: 'refused', status, text: data.toString('utf8') };
  const sha256 = createHash('sha256').update(data).digest('hex');
  return { outcome: 'archive', disposition: headers['content-disposition'], sha256 };
}

function document(result) {
  const organizations = many(result.queryResult.organizationDirectory.organization);
  return {
    outcome: 'answer',
    number: Number(result.facilityNumber),
    organizations: organizations.map((one) => one.primaryName),
    facilities: many(result.queryResult.facilityDirectory.facility).map((one) => one.primaryName),
    telecom_level: organizations.flatMap(telecomLevels)[0] ?? null,
  };
}

const telecomLevels = (organization) => many(organization.extension)
  .flatMap((extension) => many(extension.contact))
  .flatMap((contact) => many(contact.contactPoint))
  .flatMap((point) => many(point.extension))
  .map((extension) => extension.confidentialityLevel.attributes.code);

const error = ({ error: { attributes } }) => (
  { outcome: 'error', code: Number(attributes.code), message: attributes.message });

function fault(raised) {
  const said = raised.root?.Envelope?.Body?.Fault;
  if (said === undefined) return { outcome: 'broken', type: raised.name, reason: raised.message };
  if (said.faultcode !== undefined) return fault11(said);
  return {
    outcome: 'fault',
    code: text(said.Code.Value).split(':').pop(),
    reason: text(many(said.Reason.Text)[0]),
    stable: said.Detail?.error?.attributes?.code ?? null,
    erreur: said.Detail?.erreur?.attributes?.code ?? null,
  };
}

// A 1.1 sender is refused in 1.1.
const fault11 = (said) => ({
  outcome: 'fault',
  code: text(said.faultcode).split(':').pop(),
  reason: text(said.faultstring),
  stable: said.detail?.error?.attributes?.code ?? null,
  erreur: null,
});

const operations = { reading, unit, notification, search, archive };

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { operation, address, value } = JSON.parse(line);
    const outcome = await operations[operation](address, value).catch(fault);
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
  }
  httpsAgent.destroy();
})();
