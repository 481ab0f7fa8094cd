//! Checksums by name.
//!
//! CRCs have the names and parameters of Greg Cook's catalogue of parametrised CRC algorithms
//! (<https://reveng.sourceforge.io/crc-catalogue/>), lower case, as crate `crc-catalog` has them. A new one is one row.

use crc_catalog::{self as c, Algorithm};

use crate::framing::{ChecksumKind, Crc};

/// Names that a description may give to `kind`. The same algorithm may have several.
pub const CHECKSUMS: &[(&str, ChecksumKind)] = &[
    ("crc8-autosar", crc8(&c::CRC_8_AUTOSAR)),
    ("crc8-bluetooth", crc8(&c::CRC_8_BLUETOOTH)),
    ("crc8-cdma2000", crc8(&c::CRC_8_CDMA2000)),
    ("crc8-darc", crc8(&c::CRC_8_DARC)),
    ("crc8-dvb-s2", crc8(&c::CRC_8_DVB_S2)),
    ("crc8-gsm-a", crc8(&c::CRC_8_GSM_A)),
    ("crc8-gsm-b", crc8(&c::CRC_8_GSM_B)),
    ("crc8-hitag", crc8(&c::CRC_8_HITAG)),
    ("crc8-i-432-1", crc8(&c::CRC_8_I_432_1)),
    ("crc8-i-code", crc8(&c::CRC_8_I_CODE)),
    ("crc8-lte", crc8(&c::CRC_8_LTE)),
    ("crc8-maxim-dow", crc8(&c::CRC_8_MAXIM_DOW)),
    ("crc8-mifare-mad", crc8(&c::CRC_8_MIFARE_MAD)),
    ("crc8-nrsc-5", crc8(&c::CRC_8_NRSC_5)),
    ("crc8-opensafety", crc8(&c::CRC_8_OPENSAFETY)),
    ("crc8-rohc", crc8(&c::CRC_8_ROHC)),
    ("crc8-sae-j1850", crc8(&c::CRC_8_SAE_J1850)),
    ("crc8-smbus", crc8(&c::CRC_8_SMBUS)),
    ("crc8-tech-3250", crc8(&c::CRC_8_TECH_3250)),
    ("crc8-wcdma", crc8(&c::CRC_8_WCDMA)),
    ("crc16-arc", crc16(&c::CRC_16_ARC)),
    ("crc16-cdma2000", crc16(&c::CRC_16_CDMA2000)),
    ("crc16-cms", crc16(&c::CRC_16_CMS)),
    ("crc16-dds-110", crc16(&c::CRC_16_DDS_110)),
    ("crc16-dect-r", crc16(&c::CRC_16_DECT_R)),
    ("crc16-dect-x", crc16(&c::CRC_16_DECT_X)),
    ("crc16-dnp", crc16(&c::CRC_16_DNP)),
    ("crc16-en-13757", crc16(&c::CRC_16_EN_13757)),
    ("crc16-genibus", crc16(&c::CRC_16_GENIBUS)),
    ("crc16-gsm", crc16(&c::CRC_16_GSM)),
    ("crc16-ibm-3740", crc16(&c::CRC_16_IBM_3740)),
    ("crc16-ibm-sdlc", crc16(&c::CRC_16_IBM_SDLC)),
    (
        "crc16-iso-iec-14443-3-a",
        crc16(&c::CRC_16_ISO_IEC_14443_3_A),
    ),
    ("crc16-kermit", crc16(&c::CRC_16_KERMIT)),
    ("crc16-lj1200", crc16(&c::CRC_16_LJ1200)),
    ("crc16-m17", crc16(&c::CRC_16_M17)),
    ("crc16-maxim-dow", crc16(&c::CRC_16_MAXIM_DOW)),
    ("crc16-mcrf4xx", crc16(&c::CRC_16_MCRF4XX)),
    ("crc16-modbus", crc16(&c::CRC_16_MODBUS)),
    ("crc16-nrsc-5", crc16(&c::CRC_16_NRSC_5)),
    ("crc16-opensafety-a", crc16(&c::CRC_16_OPENSAFETY_A)),
    ("crc16-opensafety-b", crc16(&c::CRC_16_OPENSAFETY_B)),
    ("crc16-profibus", crc16(&c::CRC_16_PROFIBUS)),
    ("crc16-riello", crc16(&c::CRC_16_RIELLO)),
    ("crc16-spi-fujitsu", crc16(&c::CRC_16_SPI_FUJITSU)),
    ("crc16-t10-dif", crc16(&c::CRC_16_T10_DIF)),
    ("crc16-teledisk", crc16(&c::CRC_16_TELEDISK)),
    ("crc16-tms37157", crc16(&c::CRC_16_TMS37157)),
    ("crc16-umts", crc16(&c::CRC_16_UMTS)),
    ("crc16-usb", crc16(&c::CRC_16_USB)),
    ("crc16-xmodem", crc16(&c::CRC_16_XMODEM)),
    ("crc24-ble", crc32(&c::CRC_24_BLE)),
    ("crc24-flexray-a", crc32(&c::CRC_24_FLEXRAY_A)),
    ("crc24-flexray-b", crc32(&c::CRC_24_FLEXRAY_B)),
    ("crc24-interlaken", crc32(&c::CRC_24_INTERLAKEN)),
    ("crc24-lte-a", crc32(&c::CRC_24_LTE_A)),
    ("crc24-lte-b", crc32(&c::CRC_24_LTE_B)),
    ("crc24-openpgp", crc32(&c::CRC_24_OPENPGP)),
    ("crc24-os-9", crc32(&c::CRC_24_OS_9)),
    ("crc32-aixm", crc32(&c::CRC_32_AIXM)),
    ("crc32-autosar", crc32(&c::CRC_32_AUTOSAR)),
    ("crc32-base91-d", crc32(&c::CRC_32_BASE91_D)),
    ("crc32-bzip2", crc32(&c::CRC_32_BZIP2)),
    ("crc32-cd-rom-edc", crc32(&c::CRC_32_CD_ROM_EDC)),
    ("crc32-cksum", crc32(&c::CRC_32_CKSUM)),
    ("crc32-iscsi", crc32(&c::CRC_32_ISCSI)),
    ("crc32-iso-hdlc", crc32(&c::CRC_32_ISO_HDLC)),
    ("crc32-jamcrc", crc32(&c::CRC_32_JAMCRC)),
    ("crc32-mef", crc32(&c::CRC_32_MEF)),
    ("crc32-mpeg-2", crc32(&c::CRC_32_MPEG_2)),
    ("crc32-xfer", crc32(&c::CRC_32_XFER)),
    // Other names that people use.
    ("crc16-ibm", crc16(&c::CRC_16_ARC)),
    ("crc16-ccitt", crc16(&c::CRC_16_IBM_3740)),
    ("crc16-ccitt-false", crc16(&c::CRC_16_IBM_3740)),
    ("crc16-aug-ccitt", crc16(&c::CRC_16_SPI_FUJITSU)),
    ("crc16-x25", crc16(&c::CRC_16_IBM_SDLC)),
    ("crc16-hdlc", crc16(&c::CRC_16_IBM_SDLC)),
    ("crc8", crc8(&c::CRC_8_SMBUS)),
    ("crc8-dallas", crc8(&c::CRC_8_MAXIM_DOW)),
    ("crc32", crc32(&c::CRC_32_ISO_HDLC)),
    ("crc32c", crc32(&c::CRC_32_ISCSI)),
    ("crc24q", crc24q()),
    ("sum8", ChecksumKind::Sum8),
    ("sum16", ChecksumKind::Sum16),
    ("xor8", ChecksumKind::Xor8),
    ("lrc", ChecksumKind::Lrc),
    ("fletcher8", ChecksumKind::Fletcher8),
    ("fletcher16", ChecksumKind::Fletcher16),
    ("adler32", ChecksumKind::Adler32),
    ("internet", ChecksumKind::Internet),
];

const fn crc8(row: &Algorithm<u8>) -> ChecksumKind {
    crc(
        row.width,
        row.refin,
        row.refout,
        [row.poly as u32, row.init as u32, row.xorout as u32],
    )
}

const fn crc16(row: &Algorithm<u16>) -> ChecksumKind {
    crc(
        row.width,
        row.refin,
        row.refout,
        [row.poly as u32, row.init as u32, row.xorout as u32],
    )
}

const fn crc32(row: &Algorithm<u32>) -> ChecksumKind {
    crc(
        row.width,
        row.refin,
        row.refout,
        [row.poly, row.init, row.xorout],
    )
}

/// CRC-24Q of RTCM 10403 (Qualcomm's), which the catalogue does not have.
const fn crc24q() -> ChecksumKind {
    crc(24, false, false, [0x86_4CFB, 0, 0])
}

const fn crc(
    width: u8,
    reflect_in: bool,
    reflect_out: bool,
    [poly, init, xorout]: [u32; 3],
) -> ChecksumKind {
    ChecksumKind::Crc(Crc {
        width,
        poly,
        init,
        reflect_in,
        reflect_out,
        xorout,
    })
}
