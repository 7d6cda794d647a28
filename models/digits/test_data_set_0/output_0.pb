
BprobabilitiesJ(QV2Äbz86û?7-P7Û=Ú/-‘,º%ƒ/"£Ç4Vþ 5*ˆ92