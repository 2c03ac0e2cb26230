<?php
// A regional solution built with PHP SoapClient: one call a line on standard input, its outcome a line on standard
// output. php client.php URL CA CERTIFICATE KEY

const FUNCTION_ATTRIBUTES = ['urn' => 'urn:asip:ror:lecture:offreSoinEtablissement:2017', 'encapsulated' => true];

[, $url, $ca, $certificate, $key] = $argv;
$clients = [];

function tls(array $http = []): mixed
{
    global $ca, $certificate, $key;
    $ssl = ['cafile' => $ca, 'local_cert' => $certificate, 'local_pk' => $key];
    return stream_context_create(['ssl' => $ssl, 'http' => $http]);
}

function client(string $address): SoapClient
{
    global $clients, $url;
    [$path, $version] = explode(' over SOAP ', $address) + [1 => '1.2'];
    return $clients[$address] ??= new SoapClient("$url/ROR/$path?wsdl", [
        'soap_version' => $version === '1.1' ? SOAP_1_1 : SOAP_1_2,
        'stream_context' => tls(),
        'cache_wsdl' => WSDL_CACHE_NONE,
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ]);
}

function reading(SoapClient $client, string $establishment): array
{
    $wanted = ['id_etablissement' => ['code' => $establishment, 'assigningAuthorityName' => '1.2.250.1.71.4.2.2']];
    $lecture = ['TR_Lecture-OffresSanteEtablissement' => ['etablissementDemandeLecture' => $wanted]];
    return document($client->careServicesRequest_Request(['function' => FUNCTION_ATTRIBUTES + $lecture]));
}

function unit(SoapClient $client, string $identifier): array
{
    $wanted = ['organisationID' => ['code' => $identifier, 'assigningAuthorityName' => '1.2.250.1.213.6.1.1.1.1.76']];
    $lecture = ['TR_Lecture-OffreSanteOrganisationInterne' => $wanted];
    return document($client->careServicesRequest_Request(['function' => FUNCTION_ATTRIBUTES + $lecture]));
}

function notification(SoapClient $client, string $since): array
{
    $operation = 'TR-Notif-ListeEtablissementsMajApresDate_Demande';
    $answer = $client->__soapCall($operation, [['params' => ['dateRef' => $since]]]);
    $codes = array_map(fn ($one) => $one->id_etablissement->code, $answer->etablissementReponseNotif ?? []);
    return ['outcome' => 'answer', 'number' => $answer->result, 'establishments' => $codes];
}

function search(SoapClient $client, array $criteria): array
{
    $answer = $client->careServicesRequest_Request(['function' => ['requestParams' => [
        'organization' => '',
        'service' => ['codedType' => [['code' => $criteria['activity'], 'codingScheme' => '1.2.250.1.213.3.3.12']]],
        'otherParams' => ['destination' => [['type' => ['code' => '1'], 'code' => ['code' => $criteria['region']]]]],
    ]]]);
    if (isset($answer->error)) {
        return error($answer);
    }
    return [
        'outcome' => 'answer',
        'number' => $answer->result->resultNumber->OInumber,
        'facilities' => array_column($answer->result->facilityDirectory->facility, 'primaryName'),
    ];
}

function archive(string $address): array
{
    $body = file_get_contents($address, false, tls(['ignore_errors' => true]));
    $status = (int) explode(' ', $http_response_header[0])[1];
    if ($status !== 200) {
        return ['outcome' => 'refused', 'status' => $status, 'text' => $body];
    }
    $found = preg_grep('/^Content-Disposition: /i', $http_response_header);
    $disposition = substr(strstr(reset($found), ': '), 2);
    return ['outcome' => 'archive', 'disposition' => $disposition, 'sha256' => hash('sha256', $body)];
}

function document(object $answer): array
{
    if (isset($answer->error)) {
        return error($answer);
    }
    $content = $answer->result->queryResult;
    $organizations = $content->organizationDirectory->organization;
    return [
        'outcome' => 'answer',
        'number' => $answer->result->facilityNumber ?? null,
        'organizations' => array_column($organizations, 'primaryName'),
        'facilities' => array_column($content->facilityDirectory->facility ?? [], 'primaryName'),
        'telecom_level' => telecomLevel($organizations),
    ];
}

function telecomLevel(array $organizations): ?string
{
    foreach ($organizations as $organization) {
        $point = $organization->extension[0]->contact[0]->contactPoint[0] ?? null;
        if ($point !== null) {
            return $point->extension[0]->confidentialityLevel->code;
        }
    }
    return null;
}

function error(object $answer): array
{
    return ['outcome' => 'error', 'code' => $answer->error->code, 'message' => $answer->error->message];
}

function fault(SoapFault $fault): array
{
    // SoapClient shows neither the subcode nor the attributes of a detail, only its texts.
    return [
        'outcome' => 'fault',
        'code' => substr(strrchr(":$fault->faultcode", ':'), 1),
        'reason' => $fault->getMessage(),
        'stable' => $fault->detail->error ?? null,
        'erreur' => isset($fault->detail->erreur) ? strtok($fault->detail->erreur, ' ') : null,
    ];
}

while (($line = fgets(STDIN)) !== false) {
    $call = json_decode($line, true);
    try {
        $outcome = $call['operation'] === 'archive'
            ? archive($call['address'])
            : $call['operation'](client($call['address']), $call['value']);
    } catch (SoapFault $raised) {
        $outcome = fault($raised);
    } catch (Throwable $raised) {
        $outcome = ['outcome' => 'broken', 'type' => get_class($raised), 'reason' => $raised->getMessage()];
    }
    echo json_encode($outcome, JSON_THROW_ON_ERROR), "\n";
    flush();
}
