<?xml version="1.0" encoding="UTF-8"?>
<!--
  The booked and unbooked entries of a camt statement as lines of text: E and the fields of an entry, then D and the
  fields of each of its details. Cells are separated by a tab; normalize-space() leaves none inside a cell. The
  order of the cells is that of ENTRY_FIELDS and DETAIL_FIELDS in camt.py. The prefix c is bound to the namespace of
  the file when the stylesheet is loaded.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:c="urn:encours:namespace">
  <xsl:output method="text" encoding="UTF-8"/>

  <!-- How many entries are complete: the parser may have begun others behind them. -->
  <xsl:param name="count"/>

  <xsl:template match="/">
    <xsl:apply-templates select="*/c:Ntry[position() &lt;= $count]"/>
  </xsl:template>

  <xsl:template match="c:Ntry">
    <xsl:text>E&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Amt)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Amt/@Ccy)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:CdtDbtInd)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:RvslInd)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Sts)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:BookgDt)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:ValDt)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:AcctSvcrRef)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:NtryRef)"/><xsl:text>&#9;</xsl:text>
    <xsl:apply-templates select="c:BkTxCd"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:BkTxCd/c:Prtry/c:Cd)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:AddtlNtryInf)"/><xsl:text>&#10;</xsl:text>
    <xsl:apply-templates select="c:NtryDtls/c:TxDtls | c:TxDtls"/>
  </xsl:template>

  <xsl:template match="c:TxDtls">
    <xsl:text>D&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Amt)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Amt/@Ccy)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:AmtDtls/c:TxAmt/c:Amt)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:AmtDtls/c:TxAmt/c:Amt/@Ccy)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:AmtDtls/c:InstdAmt/c:Amt)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:AmtDtls/c:InstdAmt/c:Amt/@Ccy)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:CdtDbtInd)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Refs/c:AcctSvcrRef)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Refs/c:EndToEndId)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Refs/c:MndtId)"/><xsl:text>&#9;</xsl:text>
    <xsl:apply-templates select="c:BkTxCd"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:BkTxCd/c:Prtry/c:Cd)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:RltdPties/c:Dbtr/c:Nm | c:RltdPties/c:Dbtr/c:Pty/c:Nm | c:RltdPties/c:Dbtr/c:Agt/c:FinInstnId/c:Nm)"/><xsl:text>&#9;</xsl:text>
    <xsl:apply-templates select="c:RltdPties/c:DbtrAcct"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:RltdPties/c:UltmtDbtr/c:Nm | c:RltdPties/c:UltmtDbtr/c:Pty/c:Nm)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:RltdPties/c:Cdtr/c:Nm | c:RltdPties/c:Cdtr/c:Pty/c:Nm | c:RltdPties/c:Cdtr/c:Agt/c:FinInstnId/c:Nm)"/><xsl:text>&#9;</xsl:text>
    <xsl:apply-templates select="c:RltdPties/c:CdtrAcct"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:RltdPties/c:UltmtCdtr/c:Nm | c:RltdPties/c:UltmtCdtr/c:Pty/c:Nm)"/><xsl:text>&#9;</xsl:text>
    <xsl:apply-templates select="c:RmtInf/c:Ustrd"/><xsl:text>&#9;</xsl:text>
    <xsl:apply-templates select="c:RmtInf/c:Strd/c:AddtlRmtInf"/><xsl:text>&#9;</xsl:text>
    <xsl:apply-templates select="c:RmtInf/c:Strd/c:CdtrRefInf/c:Ref | c:RmtInf/c:Strd/c:CdtrRefInf/c:CdtrRef"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:AddtlTxInf)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:RtrInf/c:Rsn/c:Cd | c:RtrInf/c:Rsn/c:Prtry | c:RtrInf/c:RtrRsn/c:Cd | c:RtrInf/c:RtrRsn/c:Prtry)"/><xsl:text>&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:RtrInf/c:AddtlInf)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="c:BkTxCd">
    <xsl:if test="c:Domn">
      <xsl:value-of select="normalize-space(c:Domn/c:Cd)"/>
      <xsl:text>-</xsl:text>
      <xsl:value-of select="normalize-space(c:Domn/c:Fmly/c:Cd)"/>
      <xsl:text>-</xsl:text>
      <xsl:value-of select="normalize-space(c:Domn/c:Fmly/c:SubFmlyCd)"/>
    </xsl:if>
  </xsl:template>

  <xsl:template match="c:DbtrAcct | c:CdtrAcct">
    <xsl:choose>
      <xsl:when test="c:Id/c:IBAN"><xsl:value-of select="normalize-space(c:Id/c:IBAN)"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="normalize-space(c:Id/c:Othr/c:Id | c:Id/c:PrtryAcct/c:Id | c:Id/c:BBAN)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="c:Ustrd | c:AddtlRmtInf | c:Ref | c:CdtrRef">
    <xsl:if test="position() &gt; 1"><xsl:text> </xsl:text></xsl:if>
    <xsl:value-of select="normalize-space(.)"/>
  </xsl:template>
</xsl:stylesheet>
